/* Resources that could not be determined for a reason that may be transient: audited a second time
 * at the end of a run, or requeued for a later audit. Part of run; serves run.c. */
#ifndef AUDIT_RUN_AGAIN_H
#define AUDIT_RUN_AGAIN_H

#include "audit/run_internal.h"

/* Something could not be determined or done for a reason that may be transient, and the source can
 * deliver the resource again. */
bool run_should_come_again(const struct job *job);
/* Keeps a job that could not be determined, for a reason that may be transient, until the rest is
 * done; false if it should be delivered as it is. */
bool run_put_off_to_the_end(struct job *job);
/* Audits those jobs again, a few at a time, after the rest is done. */
void run_look_again(struct run *run);
/* Is a repair planned that should be made now? Not if the resource will be read again first. */
bool run_is_to_be_repaired(const struct job *job);
/* Requeues the line of a job that could not start in time, as run_requeue does. */
bool run_send_not_started(struct job *job, loop_fn then);
/* Requeues the line of a job that could not be determined to SQS_QUEUE, so that it does not use up
 * the receive count of the queue. False if there is no such queue, or after too many attempts. */
bool run_requeue(struct job *job, loop_fn then);

#endif
