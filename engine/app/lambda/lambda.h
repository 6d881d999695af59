/* The executable as a Lambda custom runtime: AWS_LAMBDA_RUNTIME_API is set and no command is given,
 * or only a handler's name, as a container image passes it. That, else _HANDLER, says which of the
 * three functions it is. One invocation after the other, each from the
 * loop; between them nothing is under way, and nothing of one is seen by the next.
 *
 * Serves app_main; calls services, lambda_runtime and one of the handlers. */
#ifndef APP_LAMBDA_LAMBDA_H
#define APP_LAMBDA_LAMBDA_H

#include <stdbool.h>

#include "policy/language.h"

bool lambda_serves(const char *name); /* is it a handler's? */

/* The whole runtime of the handler of this name (NULL and others are refused there); the result is
 * the exit status. */
int lambda_main(const char *handler, char **argv, const struct language *language);

#endif
