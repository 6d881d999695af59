/* The executable as a Lambda custom runtime. It runs if AWS_LAMBDA_RUNTIME_API is set and there is
 * no command, or only the name of a handler, as a container image passes it. That name, or else
 * _HANDLER, selects one of the three functions. Invocations run one after the other, each from the
 * loop; between two invocations nothing is in progress, and an invocation sees nothing of the
 * previous one.
 *
 * Serves app_main; calls services, lambda_runtime and one of the handlers. */
#ifndef APP_LAMBDA_LAMBDA_H
#define APP_LAMBDA_LAMBDA_H

#include <stdbool.h>

#include "policy/language.h"

bool lambda_serves(const char *name); /* is it the name of a handler? */

/* The whole runtime for the handler of this name (NULL and unknown names are refused); returns the
 * exit status. */
int lambda_main(const char *handler, char **argv, const struct language *language);

#endif
