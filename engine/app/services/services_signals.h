/* Signals: the effect of SIGINT, SIGTERM and SIGHUP on a run. Serves services.c, services_start.c
 * and the commands that have something to finish. */
#ifndef APP_SERVICES_SERVICES_SIGNALS_H
#define APP_SERVICES_SERVICES_SIGNALS_H

#include "app/services/services.h"

/* `stop` handles the first SIGINT, SIGTERM or SIGHUP; the second one ends the process, after
 * `abort`. Signals are held until the loop runs. */
void services_on_stop(struct services *services, void (*stop)(void *arg), void *arg);
void services_on_abort(struct services *services, loop_fn abort, void *arg);
/* Blocks SIGINT, SIGTERM and SIGHUP so that the loop reads them; once. */
void services_watch_signals(struct services *services);

#endif
