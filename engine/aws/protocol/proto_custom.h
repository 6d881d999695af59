/* Special cases that the models do not cover and every SDK implements by hand. Source: botocore's
 * handlers.py; proto_custom.c names its functions. Serves protocol. */
#ifndef AWS_PROTOCOL_PROTO_CUSTOM_H
#define AWS_PROTOCOL_PROTO_CUSTOM_H

#include <jansson.h>

#include "aws/protocol/shape.h"

/* Applies these special cases to the parameters. New reference, usually to params itself. */
json_t *proto_custom_params(const struct proto *proto, json_t *params);
int proto_custom_headers(struct proto *proto);

#endif
