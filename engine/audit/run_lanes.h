/* Limits how many resources are in progress, for each account, and within it for each region and
 * type. Part of run; serves run.c and run_later.c. */
#ifndef AUDIT_RUN_LANES_H
#define AUDIT_RUN_LANES_H

#include "audit/run_internal.h"

#define RUN_LANE_FIRST 24
#define RUN_ACCOUNT_FIRST 192
#define RUN_CROWD 12 /* times as many in progress as usual, while calls are throttled */
#define RUN_MOST_PARKED 20000

/* May more lines be taken? */
bool run_may_pull(const struct run *run);
/* May the job start now? If not, run_next_parked returns it when there is room. */
bool run_enter(struct job *job);
void run_leave(struct job *job);
struct job *run_next_parked(struct run *run);

/* How many resources of a lane may be in progress, after one was for `took_ms`. slow: AWS throttles
 * calls of this run. */
size_t run_lane_limit(size_t limit, size_t most, bool slow, int64_t took_ms);
void run_free_lanes(struct run *run);

#endif
