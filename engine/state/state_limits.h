/* May this be changed, within the limits for all runs of a deployment together? MAX_CHANGES_PER_DAY
 * limits how many calls change something in one account on one day (UTC). REPAIR_ROUNDS limits how
 * often one finding is repaired. If something keeps undoing the repair, the finding is held until
 * its resource stays repaired, and a person has to find the cause.
 *
 * Both are counted in STATE_TABLE before the change, with conditional updates, so that two
 * processes cannot exceed a limit together. What was counted and not used is given back; if a
 * process dies in between, fewer changes are made than allowed, never more. If the table cannot be
 * read or written, nothing is changed, and the caller learns whether a retry may help. Serves gate;
 * calls state_table. */
#ifndef STATE_STATE_LIMITS_H
#define STATE_STATE_LIMITS_H

#include <stdbool.h>

#include "policy/resource.h"
#include "state/state_table.h"

struct state_permit;
/* why: the reason to hold; NULL: the change is allowed. err: why the limits could not be checked,
 * or NULL. */
typedef void (*state_permitted)(void *arg, const char *why, const struct err *err);
/* done is called from the loop. If the change is allowed, and only then, the caller must call
 * state_permit_end, which frees the permit. steps: number of calls that may be made; finding:
 * borrowed until done. */
struct state_permit *state_permit_ask(struct state_table *table, const struct resource *resource,
                                      bool global, const json_t *finding, size_t steps,
                                      state_permitted done, void *arg);
/* sent: number of calls that were made; repaired: the check passes because of them. Gives back what
 * was not used, without a callback. Frees the permit. */
void state_permit_end(struct state_permit *permit, size_t sent, bool repaired);

#endif
