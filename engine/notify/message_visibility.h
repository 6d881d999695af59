/* Sets the visibility timeout of single messages. Source: Amazon SQS API Reference,
 * ChangeMessageVisibilityBatch (10 entries; VisibilityTimeout counts from the call). Serves the
 * Lambda function that receives them. */
#ifndef NOTIFY_MESSAGE_VISIBILITY_H
#define NOTIFY_MESSAGE_VISIBILITY_H

#include <jansson.h>

struct message;

/* Makes messages of a queue visible again after their own timeouts. `entries` (takes ownership)
 * have Id, ReceiptHandle and VisibilityTimeout. If AWS refuses an entry, a warning is logged, and
 * the queue's own timeout applies. */
void message_show_later(struct message *message, const char *url_or_arn, json_t *entries);

#endif
