/* What a notification says of a finding. Serves run; calls message_publish. */
#ifndef NOTIFY_MESSAGE_FINDING_H
#define NOTIFY_MESSAGE_FINDING_H

#include <jansson.h>

#include "notify/message.h"
#include "policy/resource.h"

/* Notifies NOTIFICATION_TOPIC of a finding: subject printable ASCII under 100 characters, shortened
 * at the end, never lost; body with Account, Region, Resource type, Identifier, description and the
 * resource line, at most 256 KiB (evidence cut first); message attributes account, type, check,
 * severity, status ("resolved" for what was repaired, or is right or gone by now) and remediation.
 * What was repaired is tried again for some seconds, and logged where it is not taken. resource is
 * borrowed until done, which comes at the next turn when there is no topic. */
void message_finding(struct message *message, const struct resource *resource,
                     const json_t *finding, message_done done, void *arg);

#endif
