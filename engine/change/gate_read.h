/* Reads one resource for the gate: the verdict on one check and the state that the verdict is based
 * on, once or repeatedly until a deadline. Serves repair and undo; calls the evaluator. */
#ifndef CHANGE_GATE_READ_H
#define CHANGE_GATE_READ_H

#include "change/gate_internal.h"

/* One read of a check's verdict, and its repetition until a deadline. */
struct gate_read {
    struct gate *gate;
    const struct policy *policy;
    const struct resource *resource;
    const char *check;
    bool want_fixes;
    const json_t *parts;    /* parts of the state to read in any case; borrowed, may be NULL */
    const json_t *findings; /* of a plan, which record who is trusted; NULL: the settings decide */
    struct scope scope;
    /* entry: the entry of the check, borrowed; NULL when the state is not "ok" or err is set. */
    void (*done)(void *arg, const json_t *outcome, const json_t *entry, const struct err *err);
    void *arg;
    struct err failure;
    int64_t deadline; /* for repetitions, monotonic */
    int64_t pause_ms;
};

/* done is called once: from the loop, or before this returns if the read cannot be started. */
void gate_read_start(struct gate_read *read);
/* Sets the deadline for repetitions: VERIFY_SECONDS from now. */
void gate_read_window(struct gate_read *read);
/* Reads again after a pause that doubles each time; false when the deadline has passed. */
bool gate_read_again(struct gate_read *read);

/* `what`, followed by the reason that AWS gives for the state, if the policy reports it.
 * mem_free. */
char *gate_with_reason(const char *what, const json_t *outcome);

#endif
