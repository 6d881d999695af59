/* Finds the queue of a call: one for each account, region and service, and for EC2 one for each
 * operation. A queue is created at its first call and kept until the client is freed. Serves
 * client.c, client_call.c. */
#ifndef AWS_CLIENT_CLIENT_PACE_INDEX_H
#define AWS_CLIENT_CLIENT_PACE_INDEX_H

#include "aws/client/client_internal.h"

/* Sets call->pace by the account of its session, its region, service and operation. */
void pace_assign(struct client_call *call);
void pace_free_all(struct client *client);
/* Implements client_success_ms. */
int64_t pace_success_ms(const struct client *client, const char *account, const char *region,
                        const char *operation);

#endif
