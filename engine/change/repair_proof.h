/* What became of a repair: read back until the check passes, or the time for it is over. Serves
 * gate_repair.c. */
#ifndef CHANGE_REPAIR_PROOF_H
#define CHANGE_REPAIR_PROOF_H

#include "change/repair.h"

/* The steps were made: reads until they show, and settles. */
void repair_prove(struct repair *repair);
/* The step under way may have been made: reads until that shows, then goes on or settles. */
void repair_doubt(struct repair *repair);
/* Another finding's steps were to suffice: one read proves it, and settles. */
void repair_prove_covered(struct repair *repair);
/* A check's evidence as text, to be compared. mem_free. */
char *repair_evidence(const json_t *entry);

#endif
