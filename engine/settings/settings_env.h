/* Variables that only policies and exceptions read. Also gives policies all other settings under
 * the names of their variables. Serves settings. */
#ifndef SETTINGS_SETTINGS_ENV_H
#define SETTINGS_SETTINGS_ENV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "settings/settings.h"
#include "settings/settings_fields.h"

/* Variable names of the settings that policies may see, by index; NULL after the last. */
const char *settings_policy_name(size_t index);

/* The kind of such a variable; false: there is none of that name. */
bool settings_variable_kind(const char *name, enum field_kind *kind);

/* Reads variables that only policies and exceptions use into for_policies. */
int settings_read_for_policies(struct settings *settings, settings_getenv getenv_fn,
                               struct err *err);
/* Copies the struct's fields into for_policies, under the names of their variables. */
void settings_publish(struct settings *settings);

#endif
