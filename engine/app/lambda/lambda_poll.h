/* Messages of the poller's own queue. Serves the three modes of the poller. */
#ifndef APP_LAMBDA_LAMBDA_POLL_H
#define APP_LAMBDA_LAMBDA_POLL_H

#include <jansson.h>

/* Maximum number of attempts for a message, and the delay in seconds until the next one. */
#define LAMBDA_POLL_ATTEMPTS 12
int lambda_poll_delay(int attempt);

/* {"type":"poll","account","region","resource_type","attempt"}: one target to list. New. */
json_t *lambda_poll_message(const char *account, const char *region, const char *type, int attempt);

#endif
