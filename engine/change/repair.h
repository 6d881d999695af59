/* The repair of one resource, and how one of its findings is settled. Serves the gate's files that
 * decide on a finding; gate_repair.c, above them, goes on with the next. */
#ifndef CHANGE_REPAIR_H
#define CHANGE_REPAIR_H

#include "change/gate_read.h"
#include "change/gate_repair.h"
#include "change/gate_steps.h"
#include "policy/verdict.h"

/* The repair of one resource: its findings one after the other, one thing under way at a time. */
struct repair {
    struct gate *gate;
    const struct policy *policy;
    const struct resource *resource;
    json_t *findings;
    gate_done done;
    void *arg;
    void (*advance)(struct repair *repair); /* to the next finding: gate_repair.c */
    void (*proceed)(struct repair *repair); /* with this one, which the limits let through */

    size_t at; /* the finding under way */
    json_t *finding;
    struct gate_read read;
    struct step_run run;
    int reserved;                 /* of the change limit, for the steps under way */
    struct state_permit *granted; /* of the limits of all runs together; NULL: none */
    bool begun;                   /* the steps that it was granted for are being made, or were */
    json_t *steps; /* with what is expected after each, as the fresh read told them */
    json_t *parts; /* of the states on their way */
    char fix_id[37];
    char *evidence;     /* canonical, as it was before the steps */
    struct err failure; /* of the steps */
};

/* The finding under way is done with; on to the next. */
void repair_settle(struct repair *repair, enum verdict_remediation remediation);
void repair_settle_as(struct repair *repair, enum verdict_status status,
                      enum verdict_remediation remediation);
void repair_hold(struct repair *repair, const char *why);
/* Pending: the outcome, which may be NULL, may say for how long. */
void repair_put_off(struct repair *repair, const json_t *outcome);
/* With repair->failure. */
void repair_fail(struct repair *repair);
/* The state could not be read, so nothing is changed. */
void repair_unread(struct repair *repair, const json_t *entry, const struct err *err);
/* No further step of this finding is sent. */
void repair_release(struct repair *repair);
/* AWS refused the first call, so nothing was changed; true when that settles the finding. */
bool repair_settle_refused(struct repair *repair, const struct err *err);

#endif
