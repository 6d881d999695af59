/* Paths, query strings and host prefixes of the REST protocols (Smithy: httpLabel, httpQuery,
 * httpQueryParams, hostLabel). Serves protocol and proto_rest; calls proto_scalar. */
#ifndef AWS_PROTOCOL_PROTO_URI_H
#define AWS_PROTOCOL_PROTO_URI_H

#include <jansson.h>

#include "aws/protocol/shape.h"

/* Writes path, query and host prefix: fills in the labels, and adds the members of the query. */
int proto_uri(struct proto *proto, const json_t *params);
int proto_query_members(struct proto *proto, const json_t *params);
int proto_host_prefix(struct proto *proto, const json_t *params);

#endif
