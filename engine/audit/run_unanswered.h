/* The jobs that are active, and an answer for each that has none. Part of run; serves run.c,
 * run_lists.c. */
#ifndef AUDIT_RUN_UNANSWERED_H
#define AUDIT_RUN_UNANSWERED_H

#include "audit/run_internal.h"

/* Into the list of those that are active, and out of it. */
void run_link(struct job *job);
void run_unlink(struct job *job);
/* Nothing is left to wait for: who has no answer gets that for an answer. */
void run_answer_all(struct run *run);
void run_free_jobs(struct run *run);

#endif
