/* One invocation, from its event to its response, within its time. Serves lambda.c; calls services
 * and the handler. */
#ifndef APP_LAMBDA_LAMBDA_INVOKE_H
#define APP_LAMBDA_LAMBDA_INVOKE_H

#include "app/lambda/lambda_batch.h"
#include "app/lambda/lambda_handler.h"

/* Runs the loop until there is a response. services, handler and event must be set. */
void lambda_invoke(struct invocation *invocation);

/* How long before the deadline no more work starts (*stop_ms), and how long before it the response
 * is sent even if work is in progress (*cut_ms): fractions of the available time, some seconds at
 * most. */
void lambda_reserves(int64_t left_ms, int64_t *stop_ms, int64_t *cut_ms);

/* The steps of an invocation, as lambda_invoke takes them: starts the handler's work; starts no
 * more of it; fills the response, and frees what the handler has. */
void lambda_start(struct invocation *invocation);
void lambda_stop(struct invocation *invocation);
void lambda_finish(struct invocation *invocation);

#endif
