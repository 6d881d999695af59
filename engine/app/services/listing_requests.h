/* Targets to list because an event named no resource: messages for the poller's own queue, at most
 * one per target within LISTING_INTERVAL_S. Serves the command and the function that translate
 * events. */
#ifndef APP_SERVICES_LISTING_REQUESTS_H
#define APP_SERVICES_LISTING_REQUESTS_H

#include "app/services/services.h"
#include "intake/line_sink.h"

/* Sends the message to POLL_QUEUE, unless the target will be listed anyway. False: there is no such
 * queue, or *err says why it cannot be opened. *queue is opened when it is needed. */
bool listing_requests_add(struct services *services, struct line_sink **queue,
                          const json_t *message, struct err *err);
/* Call it if the queue did not accept all messages. */
void listing_requests_forget(struct services *services);

#endif
