/* What could not be told for a reason that may pass: looked at once more at the end of a run, or
 * sent to the queue of those that are looked at again. Part of run; serves run.c. */
#ifndef AUDIT_RUN_AGAIN_H
#define AUDIT_RUN_AGAIN_H

#include "audit/run_internal.h"

/* Nothing could be told, or not all be done, for a reason that may pass, and the source can have
 * the resource come again. */
bool run_should_come_again(const struct job *job);
/* Keeps a job that was not told for a reason that may pass until the rest is done; false when it is
 * to be delivered as it is. */
bool run_put_off_to_the_end(struct job *job);
/* Looks at those, a few at a time, once the rest is done. */
void run_look_again(struct run *run);
/* Something is planned, and not to be looked at anew before. */
bool run_is_to_be_repaired(const struct job *job);
/* The same for one that was not begun in time. */
bool run_send_unbegun(struct job *job, loop_fn then);
/* Sends the line of a job that was not told to SQS_QUEUE, so that it does not come again by the
 * queue's own count of receives; false where there is no such queue, or it came too often. */
bool run_send_again(struct job *job, loop_fn then);

#endif
