/* Paths, query strings and host prefixes of the REST protocols (Smithy: httpLabel, httpQuery,
 * httpQueryParams, hostLabel). Serves protocol and proto_rest; calls proto_scalar. */
#ifndef AWS_PROTOCOL_PROTO_URI_H
#define AWS_PROTOCOL_PROTO_URI_H

#include <jansson.h>

#include "aws/protocol/shape.h"

/* Path, query and host prefix: labels filled in, members that travel in the query added. */
int proto_uri(struct proto *proto, const json_t *params);
int proto_query_members(struct proto *proto, const json_t *params);
int proto_host_prefix(struct proto *proto, const json_t *params);

#endif
