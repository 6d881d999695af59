/* Sends one notification a day (UTC) that summarizes all open findings. The first run that ends on
 * that day sends it, in whichever process. The first day of a table has no summary, because all
 * findings were notified on that day. A resource that has had no audit for days may be gone, and
 * neither an event nor a poll reports that. So its line is sent to SQS_QUEUE, to audit it again and
 * resolve its findings. The same is done for each target that could not be listed, because no poll
 * reports when it can be listed again, and for each resource with a repair that was not notified.
 * Serves run; calls state_table, message. */
#ifndef STATE_STATE_SUM_H
#define STATE_STATE_SUM_H

#include "accounts/context.h"

/* done is called from the loop, or at once if there is nothing to do. Errors are logged, and a
 * later run retries. */
void state_sum(const struct context *context, loop_fn done, void *arg);

#endif
