/* The remediator: audits and repairs the resources of a batch of messages. Serves lambda.c. */
#ifndef APP_LAMBDA_LAMBDA_REMEDIATOR_H
#define APP_LAMBDA_LAMBDA_REMEDIATOR_H

#include "app/lambda/lambda_handler.h"

extern const struct lambda_handler lambda_remediator;

#endif
