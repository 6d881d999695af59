/* XML bodies of restXml, written directly into the request. */
#ifndef AWS_PROTOCOL_PROTO_XML_ENCODE_H
#define AWS_PROTOCOL_PROTO_XML_ENCODE_H

#include <jansson.h>

#include "aws/model/model.h"
#include "aws/model/model_shape.h"
#include "aws/protocol/shape.h"

/* Writes `value` as the element `name`. */
int proto_xml_write(struct proto *proto, const struct model_shape_info *shape, model_shape handle,
                    const char *name, const json_t *value);

#endif
