/* Sends a notification to NOTIFICATION_TOPIC. Source of the limits: Amazon SNS API Reference,
 * Publish (Subject: ASCII, begins with a letter, number or punctuation mark, no control characters,
 * less than 100 characters; Message: 262,144 bytes, which include the attributes); Amazon SNS
 * Developer Guide, "Message attributes" (a value is not empty). Serves message_finding and
 * message_sum. */
#ifndef NOTIFY_MESSAGE_PUBLISH_H
#define NOTIFY_MESSAGE_PUBLISH_H

#include <jansson.h>

#include "notify/message.h"

#define MESSAGE_BODY_MAX (256u * 1024)

/* A notification. The subject is shortened to what SNS accepts. */
struct message_notice {
    const char *subject;
    const char *body;   /* at most MESSAGE_BODY_MAX with the attributes */
    const char *group;  /* MessageGroupId for a FIFO topic: the messages of a group stay in order */
    json_t *attributes; /* texts by name; takes ownership; empty texts are left out */
};
/* done is called as in message_finding; without a body nothing is sent. */
void message_publish(struct message *message, const struct message_notice *notice,
                     message_done done, void *arg);

#endif
