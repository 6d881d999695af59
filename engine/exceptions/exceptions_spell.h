/* Ids in rules may have another form than the resource's own id: a queue's older URL, an ARN, other
 * letter case. Only the policy knows these forms (id.canonical), and it cannot be called within an
 * audit. So it is called before, once for each type, account and region. Serves run; calls the
 * evaluator. */
#ifndef EXCEPTIONS_EXCEPTIONS_SPELL_H
#define EXCEPTIONS_EXCEPTIONS_SPELL_H

#include "policy/evaluator.h"
#include "policy/resource.h"

struct exceptions;

/* Call it before any other question about this resource, and not within a job of the evaluator:
 * rules may write ids in any form that the resource's type accepts. `exceptions` may be NULL. */
void exceptions_prepare(struct exceptions *exceptions, const struct policy *policy,
                        const struct resource *resource);

#endif
