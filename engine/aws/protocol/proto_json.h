/* The awsJson1_0 and awsJson1_1 protocols (Smithy: "AWS JSON 1.0 protocol"). */
#ifndef AWS_PROTOCOL_PROTO_JSON_H
#define AWS_PROTOCOL_PROTO_JSON_H

#include <jansson.h>

#include "aws/protocol/shape.h"
#include "net/http/http.h"

int json_rpc_encode(struct proto *proto, const json_t *params);
int json_rpc_decode(struct proto *proto, const struct http_response *response, json_t **result);

#endif
