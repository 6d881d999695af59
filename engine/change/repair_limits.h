/* What can hold a planned repair: REPAIR, exceptions, the limits of this run and of all runs
 * together. A function with hold_if in its name settles the finding as held and then returns true.
 * Serves gate_repair.c. */
#ifndef CHANGE_REPAIR_LIMITS_H
#define CHANGE_REPAIR_LIMITS_H

#include "change/repair.h"

/* Holds if REPAIR does not admit the repair: the gate decides this last, whoever planned it. */
bool repair_hold_if_not_admitted(struct repair *repair);
/* Checks the exceptions again with the current tags, which a plan did not have. */
bool repair_hold_if_exempt(struct repair *repair, const json_t *outcome);
/* The limits of this run, and changes that cannot be undone. */
bool repair_hold_if_beyond_limits(struct repair *repair);
/* Asks whether the limits of all runs together allow it; then proceeds or holds. */
void repair_permit(struct repair *repair);
/* The finding is settled: gives back what was counted for it and not used. */
void repair_permit_end(struct repair *repair);

#endif
