/* Which queue a call waits in: one for each account, region and service, and for EC2 one for each
 * operation. Made when a call first asks for it, kept until the client ends. Serves client.c,
 * client_call.c. */
#ifndef AWS_CLIENT_CLIENT_PACE_INDEX_H
#define AWS_CLIENT_CLIENT_PACE_INDEX_H

#include "aws/client/client_internal.h"

/* Sets call->pace by its session's account, its region, service and operation. */
void pace_place(struct client_call *call);
void pace_free_all(struct client *client);
/* As client_success_ms. */
int64_t pace_success_ms(const struct client *client, const char *account, const char *region,
                        const char *operation);

#endif
