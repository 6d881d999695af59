/* The three ways in which the poller works, each a handler of its own. Serves lambda_poller.c,
 * which chooses. */
#ifndef APP_LAMBDA_POLL_H
#define APP_LAMBDA_POLL_H

#include "app/lambda.h"

/* All places in this one invocation. */
extern const struct lambda_handler lambda_poll_all;
/* Every place as a message to the poller's own queue. */
extern const struct lambda_handler lambda_poll_fan_out;
/* A batch of such messages. */
extern const struct lambda_handler lambda_poll_units;

/* {"type":"poll","account","region","resource_type","attempt"}: one place to be listed. New. */
json_t *lambda_poll_message(const char *account, const char *region, const char *type, int attempt);

#endif
