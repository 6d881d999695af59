/* Shared by gate's own files: gate.c repairs, gate_undo.c takes back, gate_read.c reads for both.
 */
#ifndef WORK_GATE_INTERNAL_H
#define WORK_GATE_INTERNAL_H

#include "work/gate.h"
#include "work/gate_steps.h"

struct gate {
    const struct context *context;
    struct journal *journal;
    int changes;
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

/* Writes the journal's first line of a group; fix_id is made up. `undoes` names the group that this
 * one takes back, or is NULL. */
int gate_begin(struct gate *gate, const struct resource *resource, const char *check,
               const char *before, const char *undoes, char fix_id[37], struct err *err);
/* The last line. A journal that cannot be written any more is an error on stderr. */
void gate_end(struct gate *gate, const char *fix_id, const char *result, const char *after);

#endif
