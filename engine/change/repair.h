/* The repair of one resource, and how one of its findings is settled. Serves the gate's files that
 * decide on a finding; gate_repair.c, above them, continues with the next. */
#ifndef CHANGE_REPAIR_H
#define CHANGE_REPAIR_H

#include "change/gate_read.h"
#include "change/gate_repair.h"
#include "change/gate_steps.h"
#include "policy/verdict.h"

/* The repair of one resource: its findings one after the other, with one pending operation at a
 * time. */
struct repair {
    struct gate *gate;
    const struct policy *policy;
    const struct resource *resource;
    json_t *findings;
    gate_done done;
    void *arg;
    void (*advance)(struct repair *repair); /* to the next finding: gate_repair.c */
    void (*proceed)(struct repair *repair); /* with this finding, which is within the limits */

    size_t at; /* the current finding */
    json_t *finding;
    struct gate_read read;
    struct step_run run;
    int reserved;                 /* part of the change limit, for the current steps */
    struct state_permit *granted; /* within the limits of all runs together; NULL: none */
    bool started;                 /* the steps that it was granted for have been started */
    json_t *steps; /* with the state expected after each, as the fresh read returned them */
    json_t *parts; /* names of the parts of the states that the steps lead through */
    char fix_id[37];
    char *evidence;     /* canonical, as it was before the steps */
    struct err failure; /* of the steps */
};

/* Ends the current finding and continues with the next. */
void repair_settle(struct repair *repair, enum verdict_remediation remediation);
void repair_settle_as(struct repair *repair, enum verdict_status status,
                      enum verdict_remediation remediation);
/* There is nothing to repair any more: the finding no longer says what was wrong. */
void repair_settle_over(struct repair *repair, enum verdict_status status);
void repair_hold(struct repair *repair, const char *why);
/* Sets status pending; the outcome, which may be NULL, may say for how long. */
void repair_put_off(struct repair *repair, const json_t *outcome);
/* Fails with repair->failure. */
void repair_fail(struct repair *repair);
/* The state could not be read, so nothing is changed. */
void repair_unread(struct repair *repair, const json_t *entry, const struct err *err);
/* No further step of this finding is sent. */
void repair_release(struct repair *repair);
/* AWS refused the first call, so nothing was changed; true if that settles the finding. */
bool repair_settle_refused(struct repair *repair, const struct err *err);

#endif
