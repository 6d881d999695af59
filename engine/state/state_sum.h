/* What is still open, summed up once a day (UTC) in one notification: by the first run that ends on
 * that day, whichever process makes it. The first day of a table has none, for everything was told
 * on it. What nobody has looked at for days may be gone, of which neither an event nor a poll
 * tells: its line is sent to SQS_QUEUE, so that it is looked at once more, and resolved. So is that
 * of each place that could not be listed, of which no round of polling tells when it can be, and of
 * what a repair was not told of. Serves run; calls state_table, message. */
#ifndef STATE_STATE_SUM_H
#define STATE_STATE_SUM_H

#include "accounts/context.h"

/* done from the loop, or at once where there is nothing to do. What fails is logged, and left to a
 * later run. */
void state_sum(const struct context *context, loop_fn done, void *arg);

#endif
