/* What a run looked at, and which checks were off because a setting is missing. Part of run; serves
 * run_lists.c and the commands. */
#ifndef AUDIT_RUN_SCOPE_H
#define AUDIT_RUN_SCOPE_H

#include "audit/run.h"

/* The run has a line about this resource. */
void run_note_resource(struct run *run, const struct policy *policy,
                       const struct resource *resource);
/* A scan has listed all resources of this type there. */
void run_note_listed(struct run *run, const struct policy *policy, const char *account,
                     const char *region);
/* A place of a scan could not be listed. */
void run_note_unlisted(struct run *run);
/* The accounts, regions and types of these resources, sorted: new
 * {"accounts":["111122223333"…],"regions":["us-east-1"…],"types":["sqs"…]}. */
json_t *run_looked_at(const struct run *run);
/* The places of a scan: how many there are, how many were listed completely and how many could not
 * be listed, and of the complete ones the accounts, regions and types. New
 * {"places","listed","not_listed","accounts":[…],"regions":[…],"types":[…]}; NULL: the lines come
 * from elsewhere. */
json_t *run_listed_places(const struct run *run);
/* Which checks of the audited types were off, and why: new
 * [{"by":"REQUIRED_TAGS is not set","checks":["ec2.tags"…]}…]. */
json_t *run_checks_off(const struct run *run);
/* The same as one line, "checks that are off: ec2.tags (REQUIRED_TAGS is not set)". New; NULL:
 * none. */
char *run_checks_off_text(const struct run *run);

#endif
