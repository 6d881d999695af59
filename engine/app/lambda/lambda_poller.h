/* The poller, which selects one of three modes by its event. Serves lambda.c. */
#ifndef APP_LAMBDA_LAMBDA_POLLER_H
#define APP_LAMBDA_LAMBDA_POLLER_H

#include "app/lambda/lambda_handler.h"

extern const struct lambda_handler lambda_poller;

/* Lists all targets in this one invocation. */
extern const struct lambda_handler lambda_poll_all;

#endif
