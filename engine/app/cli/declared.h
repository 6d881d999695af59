/* Warnings about what a policy file declares on its own responsibility, printed wherever its
 * permissions are shown. Serves check and generate. */
#ifndef APP_CLI_DECLARED_H
#define APP_CLI_DECLARED_H

#include "policy/evaluator.h"

/* Warns about what the policy declares beyond the reviewed operations, with its reasons. */
void command_warn_declared(const struct policy *policy);

#endif
