/* Signals: the effect of SIGINT, SIGTERM and SIGHUP on a run. Serves services.c, services_start.c
 * and the commands that have something to finish, or write to stdout. */
#ifndef APP_SERVICES_SERVICES_SIGNALS_H
#define APP_SERVICES_SERVICES_SIGNALS_H

#include "app/services/services.h"

/* `stop` handles the first SIGINT, SIGTERM or SIGHUP; the second one ends the process, after
 * `abort`. Signals are held until the loop runs. */
void services_on_stop(struct services *services, void (*stop)(void *arg), void *arg);
void services_on_abort(struct services *services, loop_fn abort, void *arg);
/* If the reader of stdout ends, as in `engine scan | head`, the run ends as well, like any program
 * that SIGPIPE kills: at once, or with `gently` (something may be changed) after work in progress.
 * Does nothing if stdout is no pipe. */
void services_watch_stdout(struct services *services, bool gently);
/* Has that reader ended? Then it is no error that stdout cannot be written, and the process should
 * end by services_end_by_pipe. */
bool services_reader_left(struct services *services);
_Noreturn void services_end_by_pipe(void);
/* Blocks SIGINT, SIGTERM and SIGHUP so that the loop reads them; once. */
void services_watch_signals(struct services *services);

#endif
