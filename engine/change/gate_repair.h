/* Makes the planned repairs of one resource. Part of the gate; serves run and apply. */
#ifndef CHANGE_GATE_REPAIR_H
#define CHANGE_GATE_REPAIR_H

#include "change/gate.h"

typedef void (*gate_done)(void *arg);
/* Goes through the findings of one resource in their order. It makes the repairs with remediation
 * "planned", which become "fixed", "failed" or "held" (with why), or get the status "unknown",
 * "pending", "gone" or "compliant" if the fresh read says so. If there is not enough time, a
 * finding stays "planned". A planned finding has "steps", or "covered_by" (the steps of another
 * check suffice), or "waits": true (its steps are decided at the fresh read). A pending finding may
 * have "later": the number of seconds until the next audit.
 * Changes the findings in place. policy, resource and findings must live until done. */
void gate_repair(struct gate *gate, const struct policy *policy, const struct resource *resource,
                 json_t *findings, gate_done done, void *arg);

#endif
