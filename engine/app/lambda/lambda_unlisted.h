/* Places that could not be listed, as lines for the remediator, which makes findings of them.
 * Serves the ways in which the poller works. */
#ifndef APP_LAMBDA_LAMBDA_UNLISTED_H
#define APP_LAMBDA_LAMBDA_UNLISTED_H

#include "intake/lines.h"
#include "intake/poll.h"

/* A line {"account","region","type","id":"*","error"} for each place that could not be listed. */
void lambda_put_unlisted(const struct poll *poll, struct lines *lines);
/* The same of one that nobody began to list. */
void lambda_put_unbegun(const struct resource *place, const struct err *why, struct lines *lines);

#endif
