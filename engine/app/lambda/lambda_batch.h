/* A batch of messages as an SQS event source mapping hands it over, and the answer that says which
 * of them should come again. Source: AWS Lambda Developer Guide, "Implementing partial batch
 * responses": {"batchItemFailures":[{"itemIdentifier":messageId}]}; an empty id, an unknown id or
 * bad JSON would have the whole batch come again. Serves the handlers. */
#ifndef APP_LAMBDA_LAMBDA_BATCH_H
#define APP_LAMBDA_LAMBDA_BATCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct batch_item {
    const char *id;      /* messageId; borrowed from the event, as what follows is */
    const char *receipt; /* "": none is told */
    int received;        /* how often, this time included */
    const char *body;
    size_t length;
    bool done; /* need not come again */
};

struct batch {
    struct batch_item *items;
    size_t count;
    const char *queue; /* ARN of the queue that they come from; "": not told */
};

/* Is it a batch at all? */
bool batch_is(const json_t *event);
/* ERR_PARSE when it is none, or a message lacks its id: then all of it must come again. */
int batch_read(const json_t *event, struct batch *batch, struct err *err);
void batch_clear(struct batch *batch);
/* Those that are not done. */
json_t *batch_reply(const struct batch *batch);
/* The same for message_show_later: when each is to come again, that often later as it came before,
 * and not while this invocation, which has left_ms, may still work on it. New. */
json_t *batch_later(const struct batch *batch, int64_t left_ms);

#endif
