/* Idempotency tokens. Serves client_call. */
#ifndef AWS_CLIENT_CLIENT_TOKEN_H
#define AWS_CLIENT_CLIENT_TOKEN_H

#include "aws/client/client_internal.h"

/* Reads are safe to repeat. So is a change with an idempotency token, by which AWS recognizes
 * it. */
bool client_has_token(const struct client_call *call);

#endif
