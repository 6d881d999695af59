/* URL and region of a queue, from its URL or its ARN. Serves message_queue and
 * message_visibility. */
#ifndef NOTIFY_MESSAGE_URL_H
#define NOTIFY_MESSAGE_URL_H

#include "base/err.h"

struct message;

/* "https://sqs.us-east-1.amazonaws.com/1111…/name" for the URL or ARN of a queue, new; its region
 * in *region. */
char *message_queue_url(struct message *message, const char *url_or_arn, char region[64],
                        struct err *err);

#endif
