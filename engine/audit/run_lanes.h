/* Limits how many resources are in progress, for each account, and within it for each region and
 * type. Part of run; serves run.c and run_later.c. */
#ifndef AUDIT_RUN_LANES_H
#define AUDIT_RUN_LANES_H

#include "audit/run_internal.h"

/* May more lines be taken? */
bool run_may_pull(const struct run *run);
/* May the job start now? If not, run_next_parked returns it when there is room. */
bool run_enter(struct job *job);
void run_leave(struct job *job);
struct job *run_next_parked(struct run *run);
void run_free_lanes(struct run *run);

#endif
