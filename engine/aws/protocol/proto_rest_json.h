/* The restJson1 protocol (Smithy: "AWS restJson1 protocol"). */
#ifndef AWS_PROTOCOL_PROTO_REST_JSON_H
#define AWS_PROTOCOL_PROTO_REST_JSON_H

#include <jansson.h>

#include "aws/protocol/shape.h"
#include "net/http/http.h"

int rest_json_encode(struct proto *proto, const json_t *params);
int rest_json_decode(struct proto *proto, const struct http_response *response, json_t **result);

#endif
