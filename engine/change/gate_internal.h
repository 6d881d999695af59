/* Shared by gate's own files: gate.c repairs, gate_limits.c holds, gate_proof.c says what became of
 * it, gate_undo.c takes back, gate_inverse.c says what may be, gate_read.c reads for all. */
#ifndef CHANGE_GATE_INTERNAL_H
#define CHANGE_GATE_INTERNAL_H

#include "change/gate.h"
#include "change/gate_steps.h"

struct gate {
    const struct context *context;
    struct journal *journal;
    int changes;
    int64_t drift_ms; /* until then what undo finds may be in transition, monotonic; 0: not set */
};

/* The session that may change things: made here and nowhere else. */
int gate_session(struct gate *gate, const struct policy *policy, const struct resource *resource,
                 struct session *session, struct err *err);

/* One read of a check's verdict, and its repetition until a deadline. */
struct gate_read {
    struct gate *gate;
    const struct policy *policy;
    const struct resource *resource;
    const char *check;
    bool want_fixes;
    const json_t *parts;    /* of the state, to be read in any case; borrowed, may be NULL */
    const json_t *findings; /* of a plan, which say who is trusted; NULL: the settings do */
    struct scope scope;
    /* entry: the check's, borrowed, NULL when the state is not "ok" or err is set. */
    void (*done)(void *arg, const json_t *outcome, const json_t *entry, const struct err *err);
    void *arg;
    struct err failure;
    int64_t deadline; /* of repetitions, monotonic */
    int64_t pause_ms;
};

/* done is called once, from the loop or from within when the read cannot be started. */
void gate_read_start(struct gate_read *read);
/* Sets the deadline of repetitions: VERIFY_SECONDS from now. */
void gate_read_window(struct gate_read *read);
/* Reads again after a pause that doubles; false when the deadline is over. */
bool gate_read_again(struct gate_read *read);

/* Writes the journal's first line of a group; fix_id is made up. before: digests of the state.
 * `undoes` names the group that this one takes back, or is NULL. */
int gate_begin(struct gate *gate, const struct resource *resource, const char *check,
               const json_t *before, const char *undoes, char fix_id[37], struct err *err);
/* The last line, with the digests of the outcome, which may be NULL. A journal that cannot be
 * written any more is an error on stderr. */
void gate_end(struct gate *gate, const char *fix_id, const char *result, const json_t *outcome);

/* The steps without what is expected after them, which is no part of a plan. New. */
json_t *gate_plain_steps(const json_t *steps);

/* `what`, and AWS's own reason of the state that was found, where the policy tells it. mem_free. */
char *gate_with_reason(const char *what, const json_t *outcome);

/* Was the call refused since another change of the resource is under way? */
bool gate_refused_as_busy(const struct err *err);
/* Is that the outcome's state? outcome may be NULL. */
bool gate_is_state(const json_t *outcome, const char *state);

/* The repair of one resource: its findings one after the other, one thing under way at a time. */
struct repair {
    struct gate *gate;
    const struct policy *policy;
    const struct resource *resource;
    json_t *findings;
    gate_done done;
    void *arg;

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

/* The finding under way is done with (status NULL: as it is); on to the next. */
void repair_settle(struct repair *repair, const char *status, const char *remediation);
void repair_hold(struct repair *repair, const char *why);
/* Pending: the outcome, which may be NULL, may say for how long. */
void repair_put_off(struct repair *repair, const json_t *outcome);
/* With repair->failure. */
void repair_fail(struct repair *repair);
void repair_unread(struct repair *repair, const json_t *entry, const struct err *err);
/* A check's evidence as text, to be compared. mem_free. */
char *repair_evidence(const json_t *entry);
/* AWS refused the first call, so nothing was changed; true when that settles the finding. */
bool repair_settle_refused(struct repair *repair, const struct err *err);
/* Not admitted by REPAIR? Then it is held, settled, and true. */
bool repair_is_refused(struct repair *repair);
/* The steps were made: reads until they show, and settles. */
void repair_prove(struct repair *repair);
/* The step under way may have been made: reads until that shows, then goes on or settles. */
void repair_doubt(struct repair *repair);
/* No further step of this finding is sent. */
void repair_release(struct repair *repair);
/* Held by the limits of this run, or since it cannot be undone? Then it is settled, and true. */
bool repair_beyond_limits(struct repair *repair);
/* Asks whether the limits of all runs together let it through; then reads anew, or holds. */
void repair_permit(struct repair *repair);
/* The finding is settled: what was counted for it and not used is given back. */
void repair_permit_end(struct repair *repair);
/* The read before the steps are made. */
void repair_read_fresh(struct repair *repair);
/* The answer of a gate_read: did another finding's steps suffice? Settles. */
void repair_covered(void *arg, const json_t *outcome, const json_t *entry, const struct err *err);

/* Why the inverse of a journal's step is not to be made; NULL: it may be. mem_free. */
char *gate_inverse_refusal(const struct policy *policy, const struct resource *resource,
                           const json_t *step);

#endif
