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

typedef void (*gate_done)(void *arg);
/* Works through the findings of one resource in their order: those with remediation "planned" are
 * made and become "fixed", "failed" or "held" (with why), or of status "unknown", "pending",
 * "gone", "compliant" when the fresh read says so; what the time does not suffice for stays
 * "planned". A planned finding has "steps", or "covered_by" (another check's steps suffice), or
 * "waits": true (its steps are decided at the fresh read). A pending one may have "later": in how
 * many seconds it should be looked at again.
 * Changes the findings in place. policy, resource and findings must live until done. */
void gate_repair(struct gate *gate, const struct policy *policy, const struct resource *resource,
                 json_t *findings, gate_done done, void *arg);

/* A planned finding that a rule leaves alone after all: exempt, its steps held. */
void gate_exempt(json_t *finding, const json_t *rule);

/* Takes one fix of a journal back: finds by digests the step whose state the resource is in, waits
 * for what is in transition, makes the inverse calls newest first, proves the earlier state. fix:
 * one of journal_fixes, not a damaged one. *result: new object
 * {"account","region","type","id","check","result":"undone"|"held"|"failed","why"}. */
typedef void (*gate_undone)(void *arg, json_t *result);
void gate_undo(struct gate *gate, const struct policy *policy, const struct resource *resource,
               const json_t *fix, gate_undone done, void *arg);

#endif
