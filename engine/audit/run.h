/* The pump: takes resource lines from a source, has each audited by the policy of its type, hands
 * what is to be repaired to the gate, and delivers the findings. Bounded: as many resources at a
 * time as keep `--concurrency` requests busy, and none is read from the source before there is
 * room. A resource is finished when its findings are delivered. Serves app/. */
#ifndef AUDIT_RUN_H
#define AUDIT_RUN_H

#include "accounts/context.h"
#include "audit/source.h"
#include "change/gate.h"
#include "report/report.h"

enum run_mode {
    RUN_AUDIT, /* finds; says what could be repaired */
    RUN_PLAN,  /* finds; says which calls would repair it */
    RUN_CHANGE /* finds and repairs, through the gate */
};

struct run_options {
    const struct context *context;
    enum run_mode mode;
    struct report *report;
    struct gate *gate; /* RUN_CHANGE only */
    /* What resources wait for, begun when the first of them comes; `done` from the loop. NULL:
     * nothing. */
    void (*prepare)(void *arg, loop_fn done, void *done_arg);
    void *prepare_arg;
    /* For a source that can have a resource come again: told of each when it is finished. `again`:
     * it should, for what could not be told or done may pass, the time did not suffice, or a
     * finding was not delivered (but for what is in the queue to be looked at again later, where it
     * is told). Of such a one only repairs are notified: the rest is told then. */
    void (*settled)(void *arg, const struct resource *resource, bool again);
    void *settled_arg;
};

struct run;
struct run *run_new(const struct run_options *options);
void run_free(struct run *run);
/* Where the source tells; make the source with it, then start. */
struct source_target run_target(struct run *run);
/* done is called when the source has ended and every resource is finished. Takes the source over.
 */
void run_start(struct run *run, struct source source, loop_fn done, void *arg);
/* Takes no further resource; those under way are finished, and those that wait for another line of
 * the same resource are settled as to come again. */
void run_stop(struct run *run);

#endif
