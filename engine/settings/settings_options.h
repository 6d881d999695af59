/* Options of the command line. Serves the commands; calls settings_value. */
#ifndef SETTINGS_SETTINGS_OPTIONS_H
#define SETTINGS_SETTINGS_OPTIONS_H

#include "base/err.h"
#include "base/text_list.h"

struct settings;

/* Reads options of argv[from…] (any order; "--name value", "--name=value", '_' reads as '-'); what
 * is no option goes to `rest` (at most rest_max). `allowed` is a list of option names ("accounts",
 * …) ended by NULL that the command takes; others are ERR_USAGE with did-you-mean. A name that is
 * no member of the struct goes to `extra`; it takes a value when it stands there with a '=' at its
 * end ("access="). "--" ends the options. Where "regions" is allowed --region means it too, and
 * --account means "accounts". */
int settings_options(struct settings *settings, int argc, char **argv, int from,
                     const char *const *allowed, struct text_list *rest, struct err *err);

#endif
