/* The list of active jobs, and an answer for each job without one. Part of run; serves run.c,
 * run_lists.c. */
#ifndef AUDIT_RUN_UNANSWERED_H
#define AUDIT_RUN_UNANSWERED_H

#include "audit/run_internal.h"

/* Adds the job to the list of active jobs, and removes it. */
void run_link(struct job *job);
void run_unlink(struct job *job);
/* There is nothing left to wait for: every job without an answer fails with that reason. */
void run_answer_all(struct run *run);
void run_free_jobs(struct run *run);

#endif
