/* Content of the notification for a finding. Serves run; calls message_publish. */
#ifndef NOTIFY_MESSAGE_FINDING_H
#define NOTIFY_MESSAGE_FINDING_H

#include <jansson.h>
#include <stdbool.h>

#include "notify/message.h"
#include "policy/resource.h"

/* Sends a finding to NOTIFICATION_TOPIC. Subject: printable ASCII under 100 characters; it is
 * shortened at the end, and the notification is sent in any case. Body: Account, Region, Resource
 * type, Identifier, description and the resource line, at most 256 KiB (evidence is cut first).
 * Message attributes: account, type, check, severity, status ("resolved" if the finding was
 * repaired, or the resource is compliant or gone now) and remediation. The notification of a repair
 * is retried for some seconds, and logged if it fails. resource is borrowed until done, which is
 * called at the next turn of the loop if there is no topic. */
void message_finding(struct message *message, const struct resource *resource,
                     const json_t *finding, message_done done, void *arg);

/* Was the finding repaired or corrected in another way, or is the resource gone? */
bool message_is_over(const json_t *finding);

#endif
