/* The Lambda Runtime API, version 2018-06-01: the requests of a custom runtime. Serves lambda.c;
 * calls http. One request at a time, nothing else in flight: each call runs the loop until it has a
 * response. Source: AWS Lambda Developer Guide, "Using the Lambda runtime API for custom
 * runtimes". */
#ifndef APP_LAMBDA_LAMBDA_RUNTIME_H
#define APP_LAMBDA_LAMBDA_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "net/loop/loop.h"

/* One invocation as it was received; lambda_event_clear frees it. */
struct lambda_event {
    char *request_id;
    char *function_arn;  /* NULL: not given */
    char *trace_id;      /* NULL: not given */
    int64_t deadline_ms; /* wall clock; 0: not given */
    char *body;
    size_t length;
};
void lambda_event_clear(struct lambda_event *event);

struct lambda_runtime;
/* `api` is AWS_LAMBDA_RUNTIME_API: host and port. */
struct lambda_runtime *lambda_runtime_new(struct loop *loop, const char *api);
void lambda_runtime_free(struct lambda_runtime *runtime);

/* Waits for the next invocation, without a time limit. ERR_CANCELLED: the loop was stopped in the
 * meantime. After any other error, no more invocations follow. */
int lambda_runtime_next(struct lambda_runtime *runtime, struct lambda_event *event,
                        struct err *err);
/* Sends the result of the invocation. If it is too large, an error is reported instead; if the
 * service does not accept it any more, a warning is logged. -1: the runtime should end. */
int lambda_runtime_respond(struct lambda_runtime *runtime, const char *request_id, const char *body,
                           size_t length, struct err *err);
/* Reports that the invocation, or with request_id NULL the start of the runtime, failed. */
int lambda_runtime_fail(struct lambda_runtime *runtime, const char *request_id,
                        const struct err *failure, struct err *err);

#endif
