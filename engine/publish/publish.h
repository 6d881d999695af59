/* Sends a finding to each of its destinations: NOTIFICATION_TOPIC, EVENT_BUS and Security
 * Hub. Serves run and state. */
#ifndef PUBLISH_PUBLISH_H
#define PUBLISH_PUBLISH_H

#include <jansson.h>

#include "accounts/context.h"
#include "notify/message_event.h"
#include "policy/resource.h"

struct publish_order {
    const struct resource *resource; /* borrowed until done */
    const json_t *finding;
    enum message_change change;
    int64_t created_s; /* when it was first notified; 0: now */
};
/* done is called once, from the loop, when each destination has answered; with the first error. The
 * caller then sends the finding again to all of them: a duplicate is harmless. */
void publish_finding(const struct context *context, const struct publish_order *order,
                     message_done done, void *arg);
/* The same only to Security Hub, which needs to know that a check passes: there an earlier finding
 * is closed by it. */
void publish_passed(const struct context *context, const struct publish_order *order,
                    message_done done, void *arg);

#endif
