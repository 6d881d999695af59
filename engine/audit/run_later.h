/* What is not ready: waited for, or sent to the queue of those that are looked at again. Part of
 * run; serves run.c, run_again.c, run_revisit.c. */
#ifndef AUDIT_RUN_LATER_H
#define AUDIT_RUN_LATER_H

#include "audit/run_internal.h"

/* May this resource be looked at once more? Not beyond 12 attempts. */
bool run_may_repeat(const struct job *job);
/* Calls `then` after delay_s, as far as --wait allows; false when it does not. When the run is
 * stopped meanwhile, `then` comes at once. */
bool run_wait(struct job *job, int delay_s, loop_fn then);
/* Ends all waiting. */
void run_wake(struct run *run);
/* Seconds until the job's pending findings should be looked at again; 0: none is pending. */
int run_put_off(const struct job *job);
/* What was settled by the look before stays as it was told then. */
void run_keep_told(struct job *job);
/* The line as it came, one attempt older where that counts; its own delay is over, the queue's
 * begins. New. */
json_t *run_next_line(const struct resource *resource, bool counted);
/* Sends the line, an attempt older where that counts; `then` when the queue has it or not. */
void run_send_line(struct job *job, int delay_s, bool counted, loop_fn then);
/* Sends the line of a job with pending findings to SQS_QUEUE, when there is one; `then` when the
 * queue has it. What the queue does not take, or came too often, is said by the findings. */
void run_put_back(struct job *job, int delay_s, loop_fn then);

#endif
