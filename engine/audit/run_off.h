/* Checks that are off because a setting is missing. Part of run; serves run.c and the commands. */
#ifndef AUDIT_RUN_OFF_H
#define AUDIT_RUN_OFF_H

#include "audit/run.h"

/* In run_off.c. */
void run_note_type(struct run *run, const struct policy *policy, const struct resource *resource);
/* Which checks of the audited types were off, and which setting each needs: "checks that are off:
 * ec2.tags (REQUIRED_TAGS is not set)". New; NULL: none. */
char *run_off(const struct run *run);

#endif
