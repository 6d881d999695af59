/* Checks that pass now but whose verdict will change after some time. Part of run; serves run.c. */
#ifndef AUDIT_RUN_REVISIT_H
#define AUDIT_RUN_REVISIT_H

#include "audit/run_internal.h"

/* The only check that the line requests; NULL: all checks. */
const char *run_only_check(const struct policy *policy, const struct resource *resource);
/* For checks whose verdict will change after some time: calls `audit` after waiting for that
 * (--wait), or `then` when SQS_QUEUE has a line for each of them. Returns false if there is no
 * later audit, or if the whole resource is audited again anyway. */
bool run_revisit(struct job *job, loop_fn audit, loop_fn then);

#endif
