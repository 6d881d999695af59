/* That a repair is begun, written into the resource's item before its first call: what dies before
 * it has told of it, or shows only after the time for reading back, is compliant by the next look,
 * which tells it then as repaired (state_told). Until its own process has had the time to tell of
 * it
 * ("until", epoch seconds), no other look does. Serves state_limits; calls state_table. */
#ifndef STATE_STATE_BEGUN_H
#define STATE_STATE_BEGUN_H

#include "policy/resource.h"
#include "state/state_table.h"

/* finding: that is to be repaired. done from the loop. */
void state_begin(struct state_table *table, const struct resource *resource, bool global,
                 const json_t *finding, message_done done, void *arg);

#endif
