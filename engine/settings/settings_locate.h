/* Where policies and models are. Serves settings and the commands. */
#ifndef SETTINGS_SETTINGS_LOCATE_H
#define SETTINGS_SETTINGS_LOCATE_H

#include "base/err.h"
#include "settings/settings.h"

/* Looks for policies and models: option, variable, $LAMBDA_TASK_ROOT/{policies,models}, the
 * executable's folder, its parent. Never the working directory. */
int settings_locate(struct settings *settings, settings_getenv getenv_fn,
                    const char *executable_dir, struct err *err);

/* Looks for the folders that nothing named; what was named is not judged yet, for an option may
 * still replace it. */
void settings_search(struct settings *settings, settings_getenv getenv_fn,
                     const char *executable_dir);

#endif
