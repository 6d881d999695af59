/* Messages of the poller's own queue. Serves the three modes of the poller. */
#ifndef APP_LAMBDA_LAMBDA_POLL_H
#define APP_LAMBDA_LAMBDA_POLL_H

#include <jansson.h>
#include <stdbool.h>

#include "aws/client/client.h"

/* Maximum number of attempts for a message, and the delay in seconds until the next one. */
#define LAMBDA_POLL_ATTEMPTS 12
int lambda_poll_delay(int attempt);

/* Does this failure count as an attempt? Being throttled does not if a call to the service
 * succeeded within a day. */
bool lambda_poll_counts(const struct client *client, const char *account, const char *region,
                        const struct err *why);

/* {"type":"poll-accounts","accounts":[account],"attempt"}: the places of one account. New. */
json_t *lambda_poll_account(const char *account, int attempt);
/* {"type":"poll","account","region","resource_type","attempt"}: one target to list. New. */
json_t *lambda_poll_message(const char *account, const char *region, const char *type, int attempt);

#endif
