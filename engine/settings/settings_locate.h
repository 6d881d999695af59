/* Finds policies and models. Serves settings and the commands. */
#ifndef SETTINGS_SETTINGS_LOCATE_H
#define SETTINGS_SETTINGS_LOCATE_H

#include "base/err.h"
#include "settings/settings.h"

/* Looks for policies and models: option, variable, $LAMBDA_TASK_ROOT/{policies,models}, the
 * executable's directory, its parent, share/engine of an installation. Never the working
 * directory. */
int settings_locate(struct settings *settings, settings_getenv getenv_fn,
                    const char *executable_dir, struct err *err);

/* Looks for the directories that nothing named. A named directory is not checked yet, because an
 * option may still replace it. */
void settings_search(struct settings *settings, settings_getenv getenv_fn,
                     const char *executable_dir);

#endif
