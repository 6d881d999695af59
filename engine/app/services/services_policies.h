/* The policies that a command works with, and what goes with them. Serves the commands and the
 * handlers. */
#ifndef APP_SERVICES_SERVICES_POLICIES_H
#define APP_SERVICES_SERVICES_POLICIES_H

#include "app/services/services.h"

/* policies/lib beside the policies; NULL when there are none. mem_free. */
char *services_lib_dir(const struct services *services);
/* The path that --policy means: a path, a file name in the policies folder, or an alias. */
char *services_policy_path(const struct services *services, const char *policy);
/* Policies: those of the policies folder, or the one that --policy names. */
int services_policies(struct services *services, struct err *err);
/* The same for what audits and repairs, with what REPAIR admits. */
int services_to_repair(struct services *services, struct err *err);
/* The same for translating events: no exception and no trust decides whether one is looked at. */
int services_events(struct services *services, struct err *err);
/* Policies for what they declare, off the network: neither exceptions nor credentials matter. */
int services_declared(struct services *services, struct err *err);
/* For what says itself who is trusted (a plan), and what makes no verdict (undo): neither the
 * caller nor the organization is asked for that. After services_policies. */
void services_without_trust(struct services *services);
/* Before another run of the same process: nothing of the last one is left but what is the same for
 * every run. The time, exceptions and policies' own variables are fresh. Nothing may be under way.
 */
void services_renew(struct services *services);

#endif
