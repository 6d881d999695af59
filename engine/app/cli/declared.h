/* What a policy file takes on itself, said wherever its permissions are looked at. Serves check
 * and generate. */
#ifndef APP_CLI_DECLARED_H
#define APP_CLI_DECLARED_H

#include "policy/evaluator.h"

/* Warns of what the policy declares beyond what was reviewed, with the reasons that it gives. */
void command_warn_declared(const struct policy *policy);

#endif
