/* Ids of rules in other spellings than the resource's own: a queue's older URL, an ARN, letter
 * case. Which they are is the policy's to say (id.canonical), which cannot be asked within an
 * audit. So it is asked before, once for each type, account and region. Serves run; calls the
 * evaluator. */
#ifndef EXCEPTIONS_EXCEPTIONS_SPELL_H
#define EXCEPTIONS_EXCEPTIONS_SPELL_H

#include "policy/evaluator.h"
#include "policy/resource.h"

struct exceptions;

/* To be called before anything is asked about this resource, and not within a job of the evaluator:
 * rules name ids in any spelling that the resource's type has. `exceptions` may be NULL. */
void exceptions_prepare(struct exceptions *exceptions, const struct policy *policy,
                        const struct resource *resource);

#endif
