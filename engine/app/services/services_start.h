/* What is asked before the work begins, and the run itself. Serves the commands and the
 * handlers. */
#ifndef APP_SERVICES_SERVICES_START_H
#define APP_SERVICES_SERVICES_START_H

#include "app/services/services.h"

/* Asks for the caller's account where that was not done yet, for it is trusted. One that cannot be
 * told is a warning, and no fix may remove an account. */
void services_know_caller(void *services, loop_fn done, void *arg);
/* The time is nearly over: what is listed before `ready` ends after its page, and the next run of
 * this process goes on there. */
void services_stop_listing(struct services *services);
/* Lists the accounts to be polled, as they are now, into the context; then `done`, at once where
 * the organization need not be asked. */
void services_list_accounts(struct services *services,
                            void (*done)(void *arg, const struct err *err), void *arg);
/* The caller's account (when `need_caller`) and the organization, then `ready` from the loop.
 * Runs the loop until nothing is left to do. services->err says why it did not come to `ready`. */
int services_run(struct services *services, bool need_caller, loop_fn ready, void *arg,
                 struct err *err);
/* The same for what is neither the caller's nor the organization's business: `ready` at once. */
void services_run_plainly(struct services *services, loop_fn ready, void *arg);

#endif
