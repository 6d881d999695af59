/* Has the planned repairs of one resource made. Part of the gate; serves run and apply. */
#ifndef CHANGE_GATE_REPAIR_H
#define CHANGE_GATE_REPAIR_H

#include "change/gate.h"

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

#endif
