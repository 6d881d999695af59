/* What may be called to take a step back. Serves undo; pure. */
#ifndef CHANGE_GATE_INVERSE_H
#define CHANGE_GATE_INVERSE_H

#include "policy/evaluator.h"

/* Why the inverse of a journal's step is not to be made; NULL: it may be. mem_free. */
char *gate_inverse_refusal(const struct policy *policy, const struct resource *resource,
                           const json_t *step);

#endif
