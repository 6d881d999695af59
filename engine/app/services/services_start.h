/* The requests before the work begins, and the run itself. Serves the commands and the handlers. */
#ifndef APP_SERVICES_SERVICES_START_H
#define APP_SERVICES_SERVICES_START_H

#include "app/services/services.h"

/* Requests the caller if it is not known yet: its account is trusted, and its ARN stands in
 * reports, plans and journals. If it cannot be determined where verdicts depend on trust, a warning
 * is logged, and no fix may remove an account. */
void services_find_caller(void *services, loop_fn done, void *arg);
/* At the end of the work: requests the caller if it is not known yet, for the report alone. */
void services_name_caller(struct services *services);
/* The time is nearly over: a listing before `ready` ends after its page, and the next run of this
 * process continues there. */
void services_stop_listing(struct services *services);
/* Lists the accounts to be polled, as they are now, into the context, and with --regions all the
 * regions of each; then calls `done`, at once if nothing need be requested. */
void services_list_accounts(struct services *services,
                            void (*done)(void *arg, const struct err *err), void *arg);
/* Requests the caller's account (if `need_caller`) and the organization, then calls `ready` from
 * the loop. Runs the loop until nothing is left to do. Fails if services->err
 * says why: `ready` was not called, or it failed. */
int services_run(struct services *services, bool need_caller, struct err *err, loop_fn ready,
                 void *arg);
/* The same without the caller and the organization: calls `ready` at once. */
int services_run_plainly(struct services *services, struct err *err, loop_fn ready, void *arg);
/* A callback for the end of the work, where nothing is to be done: the loop ends by itself when
 * nothing is left. */
void services_let_end(void *arg);

#endif
