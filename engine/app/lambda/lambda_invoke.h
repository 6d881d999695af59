/* One invocation from its event to what is to be answered, within its time. Serves lambda.c; calls
 * services and the handler. */
#ifndef APP_LAMBDA_LAMBDA_INVOKE_H
#define APP_LAMBDA_LAMBDA_INVOKE_H

#include "app/lambda/lambda_batch.h"
#include "app/lambda/lambda_handler.h"

/* Runs the loop until the invocation can be answered. services, handler and event are set. */
void lambda_invoke(struct invocation *invocation);

/* How much earlier than the deadline nothing more is begun, and an answer is given whatever is
 * under way: shares of the time that there is, some seconds at most. */
void lambda_reserves(int64_t left_ms, int64_t *stop_ms, int64_t *cut_ms);

/* Time is running out: what is not done of the batch comes again soon after it is over, instead of
 * after the visibility time-out of the queue, which is for invocations that tell nothing. */
void lambda_show_later(const struct invocation *invocation, const struct batch *batch);

#endif
