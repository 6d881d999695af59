/* Findings to AWS Security Hub, into the account and region of their resource. The member role
 * sends them, since only the account itself may import into its default product. Serves publish and
 * run; calls message_batch. */
#ifndef PUBLISH_SECURITY_HUB_H
#define PUBLISH_SECURITY_HUB_H

#include <jansson.h>

#include "accounts/context.h"
#include "notify/message.h"

struct security_hub;
/* NULL without SECURITY_HUB. Keeps a batch for each account and region, which lives as long as
 * `message`. */
struct security_hub *security_hub_new(struct message *message, const struct settings *settings);
void security_hub_free(struct security_hub *hub); /* NULL is allowed */

/* Imports the finding, as --format asff writes it. One that is over is archived. `created_s` is
 * when it was first notified, 0: now. `names` is that of publish_names, or NULL. done is called
 * once, from the loop; a region without Security Hub is no error. Nothing is borrowed. */
struct security_hub_finding {
    const json_t *finding, *names;
    int64_t created_s;
};
void security_hub_send(const struct context *context, const struct security_hub_finding *order,
                       message_done done, void *arg);

#endif
