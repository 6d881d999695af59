/* Checks that are off, for want of a setting. Part of run; serves run.c and the commands. */
#ifndef AUDIT_RUN_OFF_H
#define AUDIT_RUN_OFF_H

#include "audit/run.h"

/* In run_off.c. */
void run_note_type(struct run *run, const struct policy *policy, const struct resource *resource);
/* Which checks of the types that came were off, for want of which setting: "checks that are off:
 * ec2.tags (REQUIRED_TAGS is not set)". New; NULL: none. */
char *run_off(const struct run *run);

#endif
