/* Checks that pass for now and will judge anew after some time. Part of run; serves run.c. */
#ifndef AUDIT_RUN_REVISIT_H
#define AUDIT_RUN_REVISIT_H

#include "audit/run_internal.h"

/* The one check that the line asks for; NULL: all of them. */
const char *run_only_check(const struct job *job);
/* For checks that will judge anew after some time: `audit` when that was waited for (--wait), or
 * `then` when SQS_QUEUE has a line for each of them. False: nobody looks again, or all of the
 * resource comes again anyway. */
bool run_revisit(struct job *job, loop_fn audit, loop_fn then);

#endif
