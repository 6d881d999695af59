/* A file of settings (--config FILE, ENGINE_CONFIG): a JSON object with the names of the variables.
 * It stands between the environment and the defaults. Serves services; calls settings to check the
 * values. */
#ifndef SETTINGS_SETTINGS_FILE_H
#define SETTINGS_SETTINGS_FILE_H

#include "settings/settings.h"

/* The path that --config names in argv[from…], else ENGINE_CONFIG; NULL: none. *label says which.
 */
const char *settings_file_named(int argc, char **argv, int from, settings_getenv getenv_fn,
                                const char **label);
/* The file's values as texts, by name, in the form that the variables take. NULL with ERR_USAGE for
 * a file that cannot be read, an unknown name, a secret, or a value that the variable refuses. */
json_t *settings_file_read(const char *label, const char *path, struct err *err);

#endif
