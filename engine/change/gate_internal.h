/* Shared by the gate's own files: gate_repair.c repairs, gate_undo.c undoes; both use gate_read.c
 * and gate_steps.c. */
#ifndef CHANGE_GATE_INTERNAL_H
#define CHANGE_GATE_INTERNAL_H

#include "change/gate.h"
#include "journal/journal_result.h"

struct gate {
    const struct context *context;
    struct journal *journal;
    int changes;
    int64_t drift_ms; /* until then undo may find a transition, monotonic; 0: not set */
};

/* The session that may change things: created only here. */
int gate_session(struct gate *gate, const struct policy *policy, const struct resource *resource,
                 struct session *session, struct err *err);

/* Writes the first line of a group to the journal and creates fix_id. before: digests of the state.
 * `undoes` names the group that this one undoes, or is NULL. */
int gate_begin(struct gate *gate, const struct resource *resource, const char *check,
               const json_t *before, const char *undoes, char fix_id[37], struct err *err);
/* Writes the last line of the group, with the digests of the outcome, which may be NULL. If the
 * journal cannot be written any more, an error about the resource goes to stderr. */
void gate_end(struct gate *gate, const struct resource *resource, const char *fix_id,
              enum journal_result result, const json_t *outcome);

#endif
