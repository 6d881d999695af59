/* Settings that only policies and exceptions read, from variables, and all others for policies
 * under the names of their variables. Serves settings. */
#ifndef SETTINGS_SETTINGS_ENV_H
#define SETTINGS_SETTINGS_ENV_H

#include <stddef.h>

#include "base/err.h"
#include "settings/settings.h"

/* Names of the settings that policies may see, as variables, by index; NULL behind the last. */
const char *settings_policy_name(size_t index);

/* Variables that only policies and exceptions read: into for_policies. */
int settings_read_for_policies(struct settings *settings, settings_getenv getenv_fn,
                               struct err *err);
/* The struct's fields into for_policies, under their variables' names. */
void settings_publish(struct settings *settings);

#endif
