/* The fields of struct settings as a table: the option and variable for each, and its kind. Serves
 * the other files of this room, and the commands' messages. */
#ifndef SETTINGS_SETTINGS_FIELDS_H
#define SETTINGS_SETTINGS_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

struct settings;

enum field_kind {
    FIELD_TEXT,
    FIELD_FLAG,
    FIELD_CONSENT, /* only the words "true" and "false", in any letter case */
    FIELD_INT,
    FIELD_LIST,
    FIELD_ACCOUNT,
    FIELD_ACCOUNTS,
    FIELD_KNOWN, /* account ids, organization ids and units */
    FIELD_REGION,
    FIELD_ROLE,
    FIELD_REGIONS,
    FIELD_FOLDERS, /* separated by ':', as in PATH; "builtin" stands for the built-in policies */
    FIELD_FORMAT,
    FIELD_LOG_LEVEL,
    FIELD_LOG_FORMAT
};

struct field {
    const char *option;   /* NULL: none */
    const char *variable; /* NULL: none */
    enum field_kind kind;
    size_t offset; /* in struct settings */
    int min, max;  /* for FIELD_INT */
};

extern const struct field settings_fields[];
extern const size_t settings_field_count;

/* The field for an option ("only-use-test-resources"), or NULL. */
const struct field *settings_field(const char *option);
/* Address of the field in `settings`. */
void *settings_address(const struct settings *settings, const struct field *field);
bool settings_takes_value(const struct field *field);

#endif
