/* What the gate's own files share: gate_repair.c repairs, gate_undo.c takes back, both by
 * gate_read.c and gate_steps.c. */
#ifndef CHANGE_GATE_INTERNAL_H
#define CHANGE_GATE_INTERNAL_H

#include "change/gate.h"
#include "journal/journal_result.h"

struct gate {
    const struct context *context;
    struct journal *journal;
    int changes;
    int64_t drift_ms; /* until then what undo finds may be in transition, monotonic; 0: not set */
};

/* The session that may change things: made here and nowhere else. */
int gate_session(struct gate *gate, const struct policy *policy, const struct resource *resource,
                 struct session *session, struct err *err);

/* Writes the journal's first line of a group; fix_id is made up. before: digests of the state.
 * `undoes` names the group that this one takes back, or is NULL. */
int gate_begin(struct gate *gate, const struct resource *resource, const char *check,
               const json_t *before, const char *undoes, char fix_id[37], struct err *err);
/* The last line, with the digests of the outcome, which may be NULL. A journal that cannot be
 * written any more is an error on stderr. */
void gate_end(struct gate *gate, const char *fix_id, enum journal_result result,
              const json_t *outcome);

#endif
