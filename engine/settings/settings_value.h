/* Converts the text of an option or a variable to the value of a field, and checks it. Serves
 * settings, settings_env and settings_options, exceptions and notify. */
#ifndef SETTINGS_SETTINGS_VALUE_H
#define SETTINGS_SETTINGS_VALUE_H

#include "base/err.h"

struct field;
struct settings;

/* Sets a field; ERR_USAGE names `label` ("--wait", "MAX_CHANGES") and what is expected. Lists are
 * replaced. */
int settings_assign(struct settings *settings, const struct field *field, const char *label,
                    const char *text, struct err *err);
/* Also used for values that only policies read. */
int settings_check_account(const char *label, const char *text, struct err *err);
/* An account, an organization (o-…), a root (r-…) or a unit (ou-…). */
int settings_check_known(const char *label, const char *text, struct err *err);
int settings_check_region(const char *label, const char *text, struct err *err);
int settings_parse_int(const char *label, const char *text, int min, int max, int *value,
                       struct err *err);

#endif
