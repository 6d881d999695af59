/* `engine check` beyond loading: the file's text is compared with its own permissions and events
 * and with the API models. Serves the evaluator; calls lint_*.lua, which reads the text. */
#ifndef BINDINGS_POLICY_LINT_H
#define BINDINGS_POLICY_LINT_H

#include <jansson.h>

#include "policy/evaluator.h"

/* Evaluator's lint. */
json_t *lint_policy(void *self, const struct policy *policy);

#endif
