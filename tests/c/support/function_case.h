/* The program as a Lambda function: the Runtime API sends it events, one after the other, and gets
 * a response to each. Uses app_case for everything else. */
#ifndef SUPPORT_FUNCTION_CASE_H
#define SUPPORT_FUNCTION_CASE_H

#include <stdbool.h>
#include <stddef.h>

#include "support/app_case.h"

#define MOST_EVENTS 4
#define LINES "https://sqs.us-east-1.amazonaws.com/" APP_ACCOUNT "/lines"
#define PLACES "https://sqs.us-east-1.amazonaws.com/" APP_ACCOUNT "/places"
#define SCHEDULED "{\"source\":\"aws.events\",\"detail-type\":\"Scheduled Event\",\"detail\":{}}"
#define BATCH(records) "{\"Records\":[" records "]}"
#define RECORD(id, body)                                                                           \
    "{\"messageId\":\"" id "\",\"receiptHandle\":\"r\",\"eventSource\":\"aws:sqs\","               \
    "\"eventSourceARN\":\"arn:aws:sqs:us-east-1:" APP_ACCOUNT ":lines\",\"body\":\"" body "\"}"
#define LINE                                                                                       \
    "{\\\"account\\\":\\\"" APP_ACCOUNT "\\\",\\\"region\\\":\\\"us-east-1\\\","                   \
    "\\\"type\\\":\\\"queue\\\",\\\"id\\\":\\\"" APP_QUEUE "\\\"}"
#define PLACE                                                                                      \
    "{\\\"type\\\":\\\"poll\\\",\\\"account\\\":\\\"" APP_ACCOUNT "\\\","                          \
    "\\\"region\\\":\\\"us-east-1\\\",\\\"resource_type\\\":\\\"queue\\\",\\\"attempt\\\":0}"
#define EVENT(more)                                                                                \
    "{\"source\":\"aws.sqs\",\"account\":\"" APP_ACCOUNT "\",\"region\":\"us-east-1\","            \
    "\"detail-type\":\"AWS API Call via CloudTrail\",\"detail\":{\"eventSource\":"                 \
    "\"sqs.amazonaws.com\",\"eventName\":\"CreateQueue\",\"awsRegion\":\"us-east-1\","             \
    "\"recipientAccountId\":\"" APP_ACCOUNT "\"" more "}}"

struct function_case {
    const char *const *events;
    size_t count, given, answered;
    char responses[MOST_EVENTS][600]; /* "response BODY" or "error BODY" */
};
extern struct function_case function_case;

int function_set_up(void **state); /* tear down with app_case_tear_down */
/* The Runtime API; for a hook that does more. When there are no more events, the sandbox is shut
 * down. */
bool function_api(const struct peer_request *request);

/* Runs that handler on these events, and fails unless the run succeeds. */
void function_invoke(const char *handler, const char *const *events, size_t count);
/* Fails unless the response contains this. */
void function_expect(size_t nth, const char *response);
/* AWS answers this operation with status 403 and this body. */
void function_refuse(const char *operation, const char *body);

#define INVOKE(handler, ...)                                                                       \
    do {                                                                                           \
        static const char *const events[] = {__VA_ARGS__};                                         \
        function_invoke(handler, events, sizeof events / sizeof *events);                          \
    } while (0)

#define DENIED "{\"__type\":\"AccessDenied\",\"message\":\"not you\"}"

#endif
