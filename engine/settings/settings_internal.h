/* The fields of struct settings as a table: which option and which variable fill each, and of what
 * kind it is. settings' own, shared by its files. */
#ifndef SETTINGS_SETTINGS_INTERNAL_H
#define SETTINGS_SETTINGS_INTERNAL_H

#include <stddef.h>

#include "settings/settings.h"

enum field_kind {
    FIELD_TEXT,
    FIELD_FLAG,
    FIELD_CONSENT, /* by the words "true" and "false" alone, in any letter case */
    FIELD_INT,
    FIELD_LIST,
    FIELD_ACCOUNT,
    FIELD_ACCOUNTS,
    FIELD_KNOWN, /* account ids, organization ids and units */
    FIELD_REGION,
    FIELD_REGIONS,
    FIELD_FORMAT,
    FIELD_LOG_LEVEL
};

struct field {
    const char *option;   /* NULL: none */
    const char *variable; /* NULL: none */
    enum field_kind kind;
    size_t offset; /* in struct settings */
    int min, max;  /* of FIELD_INT */
};

extern const struct field settings_fields[];
extern const size_t settings_field_count;

/* The field of an option ("only-use-test-resources"), or NULL. */
const struct field *settings_field(const char *option);
/* Where the field is in `settings`. */
void *settings_place(const struct settings *settings, const struct field *field);
bool settings_takes_value(const struct field *field);

/* Puts a value in; ERR_USAGE names `label` ("--wait", "MAX_CHANGES") and what is expected. Lists
 * are replaced. */
int settings_assign(struct settings *settings, const struct field *field, const char *label,
                    const char *text, struct err *err);
/* The words of a list, those of its files ("@FILE") included, are added to `list`. */
int settings_read_list(const char *label, const char *text, struct text_list *list,
                       struct err *err);
/* Also used for values that only policies read. */
int settings_check_account(const char *label, const char *text, struct err *err);
/* An account, an organization (o-…), a root (r-…) or a unit (ou-…). */
int settings_check_known(const char *label, const char *text, struct err *err);
int settings_check_region(const char *label, const char *text, struct err *err);
int settings_parse_int(const char *label, const char *text, int min, int max, int *value,
                       struct err *err);

/* Variables that only policies and exceptions read: into for_policies. */
int settings_read_for_policies(struct settings *settings, settings_getenv getenv_fn,
                               struct err *err);
/* The struct's fields into for_policies, under their variables' names. */
void settings_publish(struct settings *settings);
/* Looks for the folders that nothing named; what was named is not judged yet, for an option may
 * still replace it. */
void settings_search(struct settings *settings, settings_getenv getenv_fn,
                     const char *executable_dir);
/* What follows from the fields together: once after the variables, once after the options. */
void settings_settle(struct settings *settings);

#endif
