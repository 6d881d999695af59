/* Sends each target as a message to the poller's own queue, and the organization as messages of
 * accounts (lambda_spread.h). Serves lambda_poller.c. */
#ifndef APP_LAMBDA_LAMBDA_FAN_OUT_H
#define APP_LAMBDA_LAMBDA_FAN_OUT_H

#include "app/lambda/lambda_handler.h"

extern const struct lambda_handler lambda_poll_fan_out;

#endif
