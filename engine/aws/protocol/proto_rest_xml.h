/* The restXml protocol (Smithy: "AWS restXml protocol"), and S3's special cases. */
#ifndef AWS_PROTOCOL_PROTO_REST_XML_H
#define AWS_PROTOCOL_PROTO_REST_XML_H

#include <jansson.h>

#include "aws/protocol/shape.h"
#include "net/http/http.h"

int rest_xml_encode(struct proto *proto, const json_t *params);
int rest_xml_decode(struct proto *proto, const struct http_response *response, json_t **result);

#endif
