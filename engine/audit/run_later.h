/* Resources that are not ready: waits for them, or requeues them for a later audit. Part of run;
 * serves run.c, run_again.c, run_revisit.c. */
#ifndef AUDIT_RUN_LATER_H
#define AUDIT_RUN_LATER_H

#include "audit/run_internal.h"

/* May this resource be audited again? At most 12 attempts. */
bool run_may_repeat(const struct job *job);
/* Calls `then` after delay_s if --wait allows that; otherwise returns false. If the run is stopped
 * in the meantime, `then` is called at once. */
bool run_wait(struct job *job, int delay_s, loop_fn then);
/* Ends all waiting. */
void run_wake(struct run *run);
/* Seconds until the job's pending findings should be audited again; 0: none is pending. */
int run_put_off(const struct job *job);
/* As run_wait, for another audit of a resource that has findings: it decides all checks anew. Only
 * in a run that makes changes, the findings are kept until then. False also after too many
 * audits. */
bool run_wait_again(struct job *job, int delay_s, loop_fn then);
/* After that audit: keeps what the repairs before it have settled. */
void run_keep_previous(struct job *job);
/* The line as it was received, with one more attempt if `counted`, and without its own delay, which
 * the queue's delay replaces. New. */
json_t *run_next_line(const struct resource *resource, bool counted);
/* Requeues the line, with one more attempt if `counted`; calls `then` whether the queue accepts it
 * or not. */
void run_send_line(struct job *job, int delay_s, bool counted, loop_fn then);
/* Requeues the line of a job with pending findings to SQS_QUEUE, if it is set; calls `then` when
 * the queue has it. If the queue refuses it, or after too many attempts, the findings say so. */
void run_put_back(struct job *job, int delay_s, loop_fn then);

#endif
