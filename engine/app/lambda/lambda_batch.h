/* A batch of messages from an SQS event source mapping, and the response that says which of them
 * failed. Source: AWS Lambda Developer Guide, "Implementing partial batch responses":
 * {"batchItemFailures":[{"itemIdentifier":messageId}]}; with an empty id, an unknown id or invalid
 * JSON the whole batch would be delivered again. Serves the handlers. */
#ifndef APP_LAMBDA_LAMBDA_BATCH_H
#define APP_LAMBDA_LAMBDA_BATCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct batch_item {
    const char *id;      /* messageId; borrowed from the event, like the following members */
    const char *receipt; /* "": the event has none */
    int received;        /* receive count, including this time */
    const char *body;
    size_t length;
    bool done; /* need not be delivered again */
};

struct batch {
    struct batch_item *items;
    size_t count;
    const char *queue; /* ARN of the queue; "": the event has none */
};

/* Is this event a batch? */
bool batch_is(const json_t *event);
/* ERR_PARSE if it is not a batch, or if a message has no id: then the whole batch must be delivered
 * again. */
int batch_read(const json_t *event, struct batch *batch, struct err *err);
void batch_clear(struct batch *batch);
/* Lists the items that are not done. */
json_t *batch_reply(const struct batch *batch);
/* Entries for message_show_later: when each of these items becomes visible again. The delay doubles
 * with each receive, and includes left_ms, during which this invocation may still work on the item.
 * New. */
json_t *batch_later(const struct batch *batch, int64_t left_ms);

#endif
