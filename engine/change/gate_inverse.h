/* Which calls undo may make. Serves undo; pure. */
#ifndef CHANGE_GATE_INVERSE_H
#define CHANGE_GATE_INVERSE_H

#include "policy/evaluator.h"

/* Why the inverse of a step in a journal must not be called; NULL if it may be. mem_free. */
char *gate_inverse_refusal(const struct policy *policy, const struct resource *resource,
                           const json_t *step);

#endif
