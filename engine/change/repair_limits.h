/* What keeps a planned repair back: REPAIR, exceptions, the limits of this run and of all runs
 * together. What is called hold_if settles the finding as held, and is true then. Serves
 * gate_repair.c. */
#ifndef CHANGE_REPAIR_LIMITS_H
#define CHANGE_REPAIR_LIMITS_H

#include "change/repair.h"

/* Not admitted by REPAIR: the last word on it is the gate's, whoever planned it. */
bool repair_hold_if_not_admitted(struct repair *repair);
/* Exceptions are asked again with the tags of now, which a plan's were not. */
bool repair_hold_if_exempt(struct repair *repair, const json_t *outcome);
/* The limits of this run, and what cannot be undone. */
bool repair_hold_if_beyond_limits(struct repair *repair);
/* Asks whether the limits of all runs together let it through; then proceeds, or holds. */
void repair_permit(struct repair *repair);
/* The finding is settled: what was counted for it and not used is given back. */
void repair_permit_end(struct repair *repair);

#endif
