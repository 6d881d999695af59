/* XML responses by model, for awsQuery, ec2Query and restXml. */
#ifndef AWS_PROTOCOL_PROTO_XML_DECODE_H
#define AWS_PROTOCOL_PROTO_XML_DECODE_H

#include <jansson.h>

#include "aws/model/model.h"
#include "aws/model/model_shape.h"
#include "aws/protocol/shape.h"
#include "net/http/http.h"
#include "value/xml.h"

/* The value of an element; new reference, or NULL with an error. */
json_t *proto_xml_read(struct proto *proto, const struct model_shape_info *shape,
                       model_shape handle, const struct xml_node *node);
/* Parses the body of a successful response; HTML pages and errors with status 200 are ERR_PARSE. */
struct xml_document *proto_xml_parse(struct proto *proto, const struct http_response *response);

#endif
