/* The metrics of an invocation: those that all functions have, and those of its handler. Serves
 * lambda_invoke; calls the handler. */
#ifndef APP_LAMBDA_LAMBDA_METRICS_H
#define APP_LAMBDA_LAMBDA_METRICS_H

#include "app/lambda/lambda_handler.h"

/* The handler starts: calls and time count from now on. */
void lambda_metrics_begin(struct invocation *invocation);
/* Writes them; before the handler frees what it has. */
void lambda_metrics_write(const struct invocation *invocation);

#endif
