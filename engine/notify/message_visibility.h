/* Messages that come again by a visibility time-out of their own. Source: Amazon SQS API Reference,
 * ChangeMessageVisibilityBatch (10 entries; VisibilityTimeout counts from the call). Serves the
 * Lambda function that takes them. */
#ifndef NOTIFY_MESSAGE_VISIBILITY_H
#define NOTIFY_MESSAGE_VISIBILITY_H

#include <jansson.h>

struct message;

/* Has messages that were received from a queue come again by a time-out of their own. `entries`
 * (taken over) have Id, ReceiptHandle and VisibilityTimeout. What is refused is a warning: it comes
 * again by the time-out of the queue. */
void message_show_later(struct message *message, const char *url_or_arn, json_t *entries);

#endif
