/* Members sent as HTTP headers or as the status (Smithy: httpHeader, httpPrefixHeaders,
 * httpResponseCode). Serves the protocols; calls request and proto_scalar. */
#ifndef AWS_PROTOCOL_PROTO_HEADERS_H
#define AWS_PROTOCOL_PROTO_HEADERS_H

#include <jansson.h>
#include <stddef.h>

#include "aws/model/model_shape.h"
#include "aws/protocol/shape.h"
#include "net/http/http.h"

/* Adds a header. Refuses line breaks, and names that are not tokens: ERR_PARAM. */
int proto_header(struct proto *proto, const char *name, const char *value, size_t length);
int proto_header_member(struct proto *proto, const struct model_member *member,
                        const json_t *value);
/* Adds the members from the response's headers and status to `result`. */
int proto_header_members(struct proto *proto, const struct http_response *response, json_t *result);

#endif
