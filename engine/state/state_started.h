/* Records in the resource's item that a repair has begun, before its first call. If the process
 * dies before it has sent the notification, or if the effect shows only after the time for reading
 * back, the next audit finds the resource compliant, and the repair is notified then
 * (state_notify). Until its own process has had the time to send it ("until", epoch seconds), no
 * other audit does. Serves state_limits; calls state_table. */
#ifndef STATE_STATE_STARTED_H
#define STATE_STATE_STARTED_H

#include "policy/resource.h"
#include "state/state_table.h"

/* finding: the one to be repaired. done from the loop. */
void state_begin(struct state_table *table, const struct resource *resource, bool global,
                 const json_t *finding, message_done done, void *arg);

#endif
