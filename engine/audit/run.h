/* The pump: takes resource lines from a source, audits each with the policy of its type, passes
 * repairs to the gate, and delivers the findings. It is bounded: it works on as many resources at a
 * time as keep `--concurrency` requests busy, and reads none from the source before there is room.
 * A resource is finished when its findings are delivered. Serves app/. */
#ifndef AUDIT_RUN_H
#define AUDIT_RUN_H

#include "accounts/context.h"
#include "audit/source.h"
#include "change/gate.h"
#include "report/report.h"

enum run_mode {
    RUN_AUDIT, /* finds problems and reports which could be repaired */
    RUN_PLAN,  /* finds problems and reports the calls that would repair them */
    RUN_CHANGE /* finds and repairs, through the gate */
};

struct run_options {
    const struct context *context;
    enum run_mode mode;
    struct report *report;
    struct gate *gate; /* RUN_CHANGE only */
    bool plans;        /* RUN_PLAN: write the plans to PLANS (run_plans.h) */
    json_t *made_by;   /* RUN_PLAN: who makes the plan, for each planned finding; NULL: unknown */
    /* Work that must be done before the first resource; started when that resource arrives; `done`
     * is called from the loop. NULL: nothing. */
    void (*prepare)(void *arg, loop_fn done, void *done_arg);
    void *prepare_arg;
    /* For a source that can deliver a resource again: called for each finished resource. `again`:
     * deliver it again, because something could not be determined or done for a reason that may be
     * transient, because there was not enough time, or because a finding was not delivered (unless
     * its line is in the queue for a later audit, which sends its notification). When `again` is
     * true, only repairs have been notified; the next audit sends the other notifications. */
    void (*settled)(void *arg, const struct resource *resource, bool again);
    void *settled_arg;
};

struct run;
struct run *run_new(const struct run_options *options);
void run_free(struct run *run);
/* Where the source delivers; create the source with it, then start. */
struct source_target run_target(struct run *run);
/* done is called when the source has ended and every resource is finished. Takes ownership of the
 * source. */
void run_start(struct run *run, struct source source, loop_fn done, void *arg);
/* Takes no further resource. Running audits and repairs are finished; resources that wait for
 * another line of the same resource are settled with `again`. */
void run_stop(struct run *run);

#endif
