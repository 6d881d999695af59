/* Findings as events of EventBridge. Serves publish; calls message_batch. */
#ifndef NOTIFY_MESSAGE_EVENT_H
#define NOTIFY_MESSAGE_EVENT_H

#include <jansson.h>

#include "notify/message.h"
#include "policy/resource.h"

#define MESSAGE_EVENT_SOURCE "engine"

/* What is known about a finding that is still open. */
enum message_change {
    CHANGE_UNKNOWN, /* without STATE_TABLE: it may have been notified before */
    CHANGE_NEW,
    CHANGE_CHANGED
};

/* Puts an event on EVENT_BUS. Its detail is the finding, without its steps, and with the resource
 * line as "resource". A detail that is too large loses its evidence, then everything but the names
 * and short texts; it then has "shortened": true. Nothing is borrowed. done is called as in
 * message_finding, also if there is no bus. */
void message_event(struct message *message, const struct resource *resource, const char *arn,
                   const json_t *finding, enum message_change change, message_done done, void *arg);

#endif
