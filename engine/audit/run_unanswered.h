/* The list of active jobs, and an answer for each job without one. Part of run; serves run.c,
 * run_lists.c. */
#ifndef AUDIT_RUN_UNANSWERED_H
#define AUDIT_RUN_UNANSWERED_H

#include "audit/run_lanes.h"

/* A new job in the list of active jobs. Takes ownership of the entrant's resource, whose type must
 * be known. */
struct job *run_job(struct run *run, const struct entrant *entrant);
/* Removes the job from the list, and frees it. */
void run_free_job(struct job *job);
/* There is nothing left to wait for: every job without an answer fails with that reason. */
void run_answer_all(struct run *run);
void run_free_jobs(struct run *run);

#endif
