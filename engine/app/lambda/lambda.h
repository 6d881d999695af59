/* The executable as a Lambda custom runtime. It runs if AWS_LAMBDA_RUNTIME_API is set and there is
 * no command, or only the name of a handler, as a container image passes it. That name, or else
 * _HANDLER, selects one of the three functions. Invocations run one after the other, each from the
 * loop; between two invocations nothing is in progress. An invocation keeps these of the earlier
 * ones: the loaded policies, connections, credentials, the rates that throttled services allowed,
 * the organization's accounts for an hour at most (organization_list.h), and which problems with
 * the exceptions were reported. It reads everything else again.
 *
 * Serves app_main; calls services, lambda_runtime and one of the handlers. */
#ifndef APP_LAMBDA_LAMBDA_H
#define APP_LAMBDA_LAMBDA_H

#include <stdbool.h>

#include "policy/language.h"

struct suggest;

bool lambda_serves(const char *name); /* is it the name of a handler? */
/* Offers the names of the handlers. */
void lambda_suggest(struct suggest *suggest);

/* The whole runtime for the handler of this name (NULL and unknown names are refused), with the
 * Runtime API at this host and port; returns the exit status. */
int lambda_main(const char *handler, const char *runtime_api, char **argv,
                const struct language *language);

#endif
