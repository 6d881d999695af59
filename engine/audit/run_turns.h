/* One job of a resource at a time. Part of run; serves run.c. */
#ifndef AUDIT_RUN_TURNS_H
#define AUDIT_RUN_TURNS_H

#include "audit/run_internal.h"

/* Whether this resource may be looked at now, or when the job before it gives the turn to it, or
 * not at all, because the plan holds it already. */
enum run_turn run_take_turn(struct job *job);
/* To be called when a job is finished; whose turn it is then, or NULL. */
struct job *run_give_turn(struct job *job);

#endif
