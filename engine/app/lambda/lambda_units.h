/* A batch of messages, each with one target to list. Serves lambda_poller.c. */
#ifndef APP_LAMBDA_LAMBDA_UNITS_H
#define APP_LAMBDA_LAMBDA_UNITS_H

#include "app/lambda/lambda_handler.h"

extern const struct lambda_handler lambda_poll_units;

#endif
