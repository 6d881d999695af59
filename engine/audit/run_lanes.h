/* Limits how many resources are in progress, for each account, and within it for each region and
 * type. Part of run; serves run.c, run_later.c and scan. */
#ifndef AUDIT_RUN_LANES_H
#define AUDIT_RUN_LANES_H

#include "audit/run_internal.h"

#define RUN_LANE_FIRST 24
#define RUN_ACCOUNT_FIRST 192
#define RUN_CROWD 12 /* times as many in progress as usual, while calls are throttled */
#define RUN_MOST_PARKED 20000
#define RUN_MOST_PARKED_BYTES (8u << 20) /* of their text */

/* A line that may be audited now, and counts as in progress in its lane. */
struct entrant {
    struct resource *resource;
    size_t slot;
    struct lane *lane;
};

/* May more lines be taken? */
bool run_may_pull(const struct run *run);
/* May the line be audited now? If not, its text is kept, and run_next_parked returns it when there
 * is room. Takes ownership of the resource, or gives it back in `entrant`. `type` is canonical. */
bool run_enter(struct run *run, const char *type, struct resource *resource, size_t slot,
               struct entrant *entrant);
/* The run was stopped: may one more waiting line become a job? */
bool run_may_leave(const struct run *run);
/* The next line that waited, if there is room for it; `room`: as if there were room for all. */
bool run_next_parked(struct run *run, bool room, struct entrant *entrant);
/* Counts a job again that left its lane. Call it when the job before it, of the same resource, is
 * finished: that one's room is its own. */
void run_enter_again(struct job *job);
void run_leave(struct job *job);
/* The same, if no audit of the job was begun: it says nothing about how long one takes. */
void run_step_aside(struct job *job);
/* The lane of a type in an account and region, which lasts as long as the run; and whether it has
 * room for one more resource now. */
struct lane *run_lane(struct run *run, const char *account, const char *region, const char *type);
bool run_lane_has_room(const struct run *run, const struct lane *lane);
/* Could AWS answer clearly more calls than the resources in progress make? */
bool run_is_idle(const struct run *run);
/* Tells a source that still owes a resource that there may be room for one it held back. */
void run_tell_room(struct run *run);

/* How many resources of a lane may be in progress, after one was for `took_ms`. slow: AWS throttles
 * calls of this run. */
size_t run_lane_limit(size_t limit, size_t most, bool slow, int64_t took_ms);
/* How many of an account may be in progress while `started` of all accounts are: so accounts that
 * are throttled leave room for others. */
size_t run_account_share(size_t started, size_t most);
/* Nothing needs the session that was opened while the run was prepared. */
void run_drop_early(struct run *run);
void run_free_lanes(struct run *run);

#endif
