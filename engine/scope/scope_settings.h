/* The settings of a run that change what it looks at, its verdicts or its repairs, for the record
 * of its scope. Serves the commands that make reports. */
#ifndef SCOPE_SCOPE_SETTINGS_H
#define SCOPE_SCOPE_SETTINGS_H

#include <jansson.h>
#include <stdbool.h>

#include "settings/settings.h"

/* By the names of their variables, in a fixed order; null: not set. `changes`: with those that
 * matter only to a run that makes changes. New. */
json_t *scope_settings(const struct settings *settings, bool changes);
/* The names of settings that are set and whose values may be secret, sorted: also of the variables,
 * and of the settings of the AWS config file (`profile`, or NULL), that say who answers in place of
 * AWS. `environment` as environ(7). New. */
json_t *scope_names_set(const struct settings *settings, const json_t *profile,
                        char *const *environment);
/* What the options chose: new {"accounts","regions","types","checks","severity"} (a list of their
 * words; null: no choice), and "test_resources": true, "policy" and "resource" if they are given.
 */
json_t *scope_asked(const struct settings *settings);

enum scope_use {
    SCOPE_VALUE,
    SCOPE_CHANGES, /* its value, in a run that makes changes */
    SCOPE_NAME,
    SCOPE_ASKED,
    SCOPE_NOTHING,
    SCOPE_UNKNOWN
};
/* What becomes of the setting with this variable; SCOPE_NOTHING: it changes no result.
 * SCOPE_UNKNOWN: nobody has decided. */
enum scope_use scope_use_of(const char *variable);

#endif
