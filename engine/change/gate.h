/* The only door for changes. Everything that the engine changes in an audited account passes here:
 * repairs of a run, a plan that is applied, a journal that is undone.
 *
 * Before a step: a fresh read, audit and fix; steps that differ in any byte from the planned ones
 * are drift, and held; so are those that an exception leaves alone by now, by the tags just read.
 * The journal has the step, its inverse and the state expected after it before the call is sent. A
 * call is sent once: without an answer, what is read back says whether it was made. After the last
 * step: read back until compliant, at most VERIFY_SECONDS. A failed read never leads to a change.
 * Serves run, apply, undo; calls evaluator, journal, client. */
#ifndef CHANGE_GATE_H
#define CHANGE_GATE_H

#include <jansson.h>

#include "accounts/context.h"
#include "journal/journal.h"

struct gate;
/* Both are borrowed. */
struct gate *gate_new(const struct context *context, struct journal *journal);
void gate_free(struct gate *gate);

/* A planned finding that a rule leaves alone after all: exempt, its steps held. */
void gate_exempt(json_t *finding, const json_t *rule);

#endif
