/* Messages of the poller's own queue. Serves the ways in which it works. */
#ifndef APP_LAMBDA_LAMBDA_POLL_H
#define APP_LAMBDA_LAMBDA_POLL_H

#include <jansson.h>

/* A message is tried again so often, and after so many seconds. */
#define LAMBDA_POLL_ATTEMPTS 12
int lambda_poll_delay(int attempt);

/* {"type":"poll","account","region","resource_type","attempt"}: one place to be listed. New. */
json_t *lambda_poll_message(const char *account, const char *region, const char *type, int attempt);

#endif
