/* The older variables, as rules without an expiry. Serves exceptions. */
#ifndef EXCEPTIONS_EXCEPTIONS_VARIABLES_H
#define EXCEPTIONS_EXCEPTIONS_VARIABLES_H

#include "base/err.h"
#include "settings/settings.h"

struct exceptions;

/* Adds the rules of the older variables. ERR_USAGE names the variable. */
int exceptions_read_variables(struct exceptions *exceptions, settings_getenv getenv_fn,
                              struct err *err);

#endif
