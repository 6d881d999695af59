/* Turns one call into a signed request and starts it. Serves client_call.c; calls endpoint, sigv4
 * and the transport. */
#ifndef AWS_CLIENT_CLIENT_SEND_H
#define AWS_CLIENT_CLIENT_SEND_H

#include "aws/client/client_internal.h"

/* Resolves the endpoint, signs and starts the request. Returns -1 and sets call->failure on
 * error. */
int client_send(struct client_call *call, http_done done);

#endif
