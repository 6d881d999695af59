/* Signals: what SIGINT, SIGTERM and SIGHUP do to a run. Serves services.c, services_start.c and
 * the commands that have something to finish. */
#ifndef APP_SERVICES_SERVICES_SIGNALS_H
#define APP_SERVICES_SERVICES_SIGNALS_H

#include "app/services/services.h"

/* What SIGINT, SIGTERM and SIGHUP do the first time; the second time ends the process, after
 * `abort`. Until the loop runs they wait. */
void services_on_stop(struct services *services, void (*stop)(void *arg), void *arg);
void services_on_abort(struct services *services, loop_fn abort, void *arg);
/* Keeps SIGINT, SIGTERM and SIGHUP for the loop, once. */
void services_watch_signals(struct services *services);

#endif
