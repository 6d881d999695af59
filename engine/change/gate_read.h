/* Reads of one resource for the gate: the verdict on one check and the state it goes by, once or
 * until a deadline. Serves repair and undo; calls the evaluator. */
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

/* `what`, and AWS's own reason of the state that was found, where the policy tells it. mem_free. */
char *gate_with_reason(const char *what, const json_t *outcome);

#endif
