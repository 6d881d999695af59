/* May this be changed, as far as all runs of a deployment together are concerned?
 * MAX_CHANGES_PER_DAY is how many calls change something in one account on one day (UTC).
 * REPAIR_ROUNDS is how often one finding is repaired before whatever breaks it again has to be
 * looked at by somebody: then it is held until it stays right.
 *
 * Both are counted in STATE_TABLE before the change, by conditional updates, so that two processes
 * cannot pass a limit together. What was counted and not used is given back; a process that dies in
 * between changes less than it may, never more. Where the table cannot be read or written, nothing
 * is changed; whoever asked is told whether asking again may help. Serves gate; calls state_table.
 */
#ifndef STATE_STATE_LIMITS_H
#define STATE_STATE_LIMITS_H

#include <stdbool.h>

#include "policy/resource.h"
#include "state/state_table.h"

struct state_permit;
/* why: what it is held for, NULL: it may be changed. err: why it could not be asked, or NULL. */
typedef void (*state_permitted)(void *arg, const char *why, const struct err *err);
/* done from the loop; the permit is handed over by state_permit_end, which must be called where it
 * may be changed, and only there. steps: calls that may be made; finding: borrowed until done. */
struct state_permit *state_permit_ask(struct state_table *table, const struct resource *resource,
                                      bool global, const json_t *finding, size_t steps,
                                      state_permitted done, void *arg);
/* sent: calls that were made; repaired: the check passes by them. Nobody waits for what is given
 * back. Frees. */
void state_permit_end(struct state_permit *permit, size_t sent, bool repaired);

#endif
