/* Sends a finding to each of its destinations: NOTIFICATION_TOPIC and EVENT_BUS. Serves run and
 * state. */
#ifndef PUBLISH_PUBLISH_H
#define PUBLISH_PUBLISH_H

#include <jansson.h>

#include "accounts/context.h"
#include "notify/message_event.h"
#include "policy/resource.h"

/* done is called once, from the loop, when each destination has answered; with the first error. The
 * caller then sends the finding again to all of them: a duplicate is harmless. resource is borrowed
 * until done. */
void publish_finding(const struct context *context, const struct resource *resource,
                     const json_t *finding, enum message_change change, message_done done,
                     void *arg);

#endif
