/* The Lambda Runtime API, version 2018-06-01: what a custom runtime asks for and answers. Serves
 * lambda.c; calls http. One request at a time, nothing else in flight: each call runs the loop
 * until it is answered. Source: AWS Lambda Developer Guide, "Using the Lambda runtime API for
 * custom runtimes". */
#ifndef APP_LAMBDA_LAMBDA_RUNTIME_H
#define APP_LAMBDA_LAMBDA_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "net/loop/loop.h"

/* One invocation as it came; lambda_event_clear frees. */
struct lambda_event {
    char *request_id;
    char *function_arn;  /* NULL: not told */
    char *trace_id;      /* NULL: not told */
    int64_t deadline_ms; /* wall clock; 0: not told */
    char *body;
    size_t length;
};
void lambda_event_clear(struct lambda_event *event);

struct lambda_runtime;
/* `api` is AWS_LAMBDA_RUNTIME_API: host and port. */
struct lambda_runtime *lambda_runtime_new(struct loop *loop, const char *api);
void lambda_runtime_free(struct lambda_runtime *runtime);

/* Waits for the next invocation, for as long as it takes. ERR_CANCELLED: the loop was stopped
 * meanwhile. Any other error: nothing more is to be expected. */
int lambda_runtime_next(struct lambda_runtime *runtime, struct lambda_event *event,
                        struct err *err);
/* The invocation's result. One that is too large is reported as an error instead; one that the
 * service does not take any more is a warning. -1: the runtime had better end. */
int lambda_runtime_respond(struct lambda_runtime *runtime, const char *request_id, const char *body,
                           size_t length, struct err *err);
/* The invocation, or with request_id NULL the start of the runtime, failed. */
int lambda_runtime_fail(struct lambda_runtime *runtime, const char *request_id,
                        const struct err *failure, struct err *err);

#endif
