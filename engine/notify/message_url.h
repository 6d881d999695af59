/* Where a queue is: its URL and region, from either of its names. Serves message_queue and
 * message_visibility. */
#ifndef NOTIFY_MESSAGE_URL_H
#define NOTIFY_MESSAGE_URL_H

#include "base/err.h"

struct message;

/* "https://sqs.us-east-1.amazonaws.com/1111…/name" of a queue's URL or ARN, new; *region of it. */
char *message_queue_url(struct message *message, const char *url_or_arn, char region[64],
                        struct err *err);

#endif
