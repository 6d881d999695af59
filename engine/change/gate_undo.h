/* Undoes what a journal records. Part of the gate; serves `engine undo`. */
#ifndef CHANGE_GATE_UNDO_H
#define CHANGE_GATE_UNDO_H

#include "change/gate.h"

/* Undoes one fix of a journal: finds by digests which step the resource's state corresponds to,
 * waits for a transition to end, makes the inverse calls newest first, and proves the earlier
 * state. fix: one of journal_fixes, not a damaged one. *result: new object
 * {"account","region","type","id","check","result":"undone"|"held"|"failed","why"}. */
typedef void (*gate_undone)(void *arg, json_t *result);
void gate_undo(struct gate *gate, const struct policy *policy, const struct resource *resource,
               const json_t *fix, gate_undone done, void *arg);

#endif
