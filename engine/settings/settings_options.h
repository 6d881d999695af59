/* Options of the command line. Serves the commands; calls settings_value. */
#ifndef SETTINGS_SETTINGS_OPTIONS_H
#define SETTINGS_SETTINGS_OPTIONS_H

#include "base/err.h"
#include "base/text_list.h"

struct settings;

/* Reads options of argv[from…] (any order; "--name value", "--name=value", '_' is the same as '-').
 * Words that are not options go to `rest`. `allowed` is a NULL-terminated list of the option names
 * ("accounts", …) that the command accepts; others are ERR_USAGE with a did-you-mean. An option
 * that is not a member of the struct goes to `extra`; it takes a value if its name in `allowed`
 * ends with '=' ("access="). "--" ends the options. If "regions" is allowed, --region means it too,
 * and --account means "accounts". */
int settings_options(struct settings *settings, int argc, char **argv, int from,
                     const char *const *allowed, struct text_list *rest, struct err *err);

#endif
