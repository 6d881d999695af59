/* Finds out the result of a repair: reads until the check passes, or until the deadline. Serves
 * gate_repair.c. */
#ifndef CHANGE_REPAIR_PROOF_H
#define CHANGE_REPAIR_PROOF_H

#include "change/repair.h"

/* The steps were made: reads until their effect shows, then settles the finding. */
void repair_prove(struct repair *repair);
/* The current step may have been made: reads until its effect shows, then continues or settles. */
void repair_doubt(struct repair *repair);
/* The steps of another finding should suffice: reads once to prove it, and settles. */
void repair_prove_covered(struct repair *repair);
/* Evidence of a check as text, for comparison. mem_free. */
char *repair_evidence(const json_t *entry);

#endif
