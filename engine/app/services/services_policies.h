/* The policies that a command works with, and what belongs to them. Serves the commands and the
 * handlers. */
#ifndef APP_SERVICES_SERVICES_POLICIES_H
#define APP_SERVICES_SERVICES_POLICIES_H

#include "app/services/services.h"

/* `lib` of each policies directory, separated by ':'; NULL if there are none. mem_free. */
char *services_lib_dir(const struct services *services);
/* The path that --policy names: a path, a file name in a policies directory, or an alias. */
char *services_policy_path(const struct services *services, const char *policy);
/* Loads the policies of all directories. */
int services_load_all(const struct services *services, struct evaluator *evaluator,
                      struct err *err);
/* Loads the policies: all of the policies directories, or the one that --policy names. */
int services_policies(struct services *services, struct err *err);
/* The same for commands that audit and repair, with the checks that REPAIR admits. */
int services_to_repair(struct services *services, struct err *err);
/* The same for translating events: neither exceptions nor trust decide whether an event is used. */
int services_events(struct services *services, struct err *err);
/* Loads only what policies declare, without the network: exceptions and credentials do not
 * matter. */
int services_declared(struct services *services, struct err *err);
/* Connects, and loads what listing resources needs: they are audited elsewhere, so trust does not
 * matter. */
int services_open_to_list(struct services *services, struct err *err);
/* Connects, and loads what auditing and repairing needs. */
int services_open_to_repair(struct services *services, struct err *err);
/* For commands whose input says who is trusted (a plan), and those that make no verdict (undo):
 * neither the caller nor the organization is requested for that. Call it after
 * services_policies. */
void services_without_trust(struct services *services);
/* Call it before another run in the same process: keeps only what is the same for every run. The
 * time, the exceptions and the policies' own variables are fresh. Nothing may be in progress. */
void services_renew(struct services *services);

#endif
