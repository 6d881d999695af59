/* Targets to list because an event named no resource: messages for the poller's own queue, at most
 * one per target within ASKED_APART_S. Serves the command and the function that translate
 * events. */
#ifndef APP_SERVICES_PLACES_H
#define APP_SERVICES_PLACES_H

#include "app/services/services.h"
#include "intake/lines.h"

/* Sends the message to POLL_QUEUE, unless the target will be listed anyway. False: there is no such
 * queue, or *err says why it cannot be opened. *queue is opened when it is needed. */
bool places_ask(struct services *services, struct lines **queue, const json_t *message,
                struct err *err);
/* Call it if the queue did not accept all messages. */
void places_forget(struct services *services);

#endif
