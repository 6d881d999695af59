/* Targets that could not be listed, as lines for the remediator, which makes findings of them.
 * Serves the three modes of the poller. */
#ifndef APP_LAMBDA_LAMBDA_UNLISTED_H
#define APP_LAMBDA_LAMBDA_UNLISTED_H

#include "intake/line_sink.h"
#include "intake/poll.h"

/* Adds a line {"account","region","type","id":"*","error"} for each target that could not be
 * listed. An account that cannot be entered has one line, with the number of its "places". */
void lambda_put_unlisted(const struct poll *poll, struct line_sink *lines);
/* The same for a target whose listing never started, which stands for that many places. */
void lambda_put_not_listed(const struct poll_target *target, const struct err *why, size_t places,
                           struct line_sink *lines);

#endif
