/* The only path for changes. Everything that the engine changes in an audited account passes
 * through the gate: repairs of a run, an applied plan, an undone journal.
 *
 * Before a step, the gate reads the resource again and runs audit and fix. If the steps differ in
 * any byte from the planned ones, this is drift, and the finding is held; it is also held if an
 * exception matches now, by the tags just read. The journal has the step, its inverse and the state
 * expected after it before the call is sent. A call is sent once: if there is no response, the gate
 * reads the resource to see whether the call was made. After the last step it reads until the check
 * is compliant, for at most VERIFY_SECONDS. A failed read never leads to a change. Serves run,
 * apply, undo; calls evaluator, journal, client. */
#ifndef CHANGE_GATE_H
#define CHANGE_GATE_H

#include <jansson.h>

#include "accounts/context.h"
#include "journal/journal.h"

struct gate;
/* Both arguments are borrowed. */
struct gate *gate_new(const struct context *context, struct journal *journal);
void gate_free(struct gate *gate);

/* A planned finding that an exception rule matches now: sets it exempt and holds its steps. */
void gate_exempt(json_t *finding, const json_t *rule);

#endif
