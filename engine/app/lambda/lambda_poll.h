/* The three ways in which the poller works, each a handler of its own. Serves lambda_poller.c,
 * which chooses. */
#ifndef APP_LAMBDA_LAMBDA_POLL_H
#define APP_LAMBDA_LAMBDA_POLL_H

#include "app/lambda/lambda.h"
#include "intake/lines.h"
#include "intake/poll.h"

/* All places in this one invocation. */
extern const struct lambda_handler lambda_poll_all;
/* Every place as a message to the poller's own queue, and the organization as messages of accounts
 * (lambda_spread.h). */
extern const struct lambda_handler lambda_poll_fan_out;
/* A batch of such messages. */
extern const struct lambda_handler lambda_poll_units;

/* A message is tried again so often, and after so many seconds. */
#define LAMBDA_POLL_ATTEMPTS 12
int lambda_poll_delay(int attempt);

/* {"type":"poll","account","region","resource_type","attempt"}: one place to be listed. New. */
json_t *lambda_poll_message(const char *account, const char *region, const char *type, int attempt);

/* A line {"account","region","type","id":"*","error"} for each place that could not be listed. */
void lambda_put_unlisted(const struct poll *poll, struct lines *lines);
/* The same of one that nobody began to list. */
void lambda_put_unbegun(const struct resource *place, const struct err *why, struct lines *lines);

#endif
