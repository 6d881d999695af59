/* `engine check` beyond loading: compares the file's text with its own permissions and events, and
 * with the API models. Serves the evaluator; calls lint_*.lua, which reads the text. */
#ifndef BINDINGS_POLICY_LINT_H
#define BINDINGS_POLICY_LINT_H

#include <jansson.h>

#include "policy/evaluator.h"

/* Implements `lint` of the evaluator. */
json_t *lint_policy(void *self, const struct policy *policy);

#endif
