/* The ec2Query protocol (Smithy: "AWS EC2 query protocol"): like awsQuery, but names are
 * capitalized or given separately, lists are always flattened and empty ones left out, and results
 * are not wrapped. */
#ifndef AWS_PROTOCOL_PROTO_EC2_H
#define AWS_PROTOCOL_PROTO_EC2_H

#include <jansson.h>

#include "aws/protocol/shape.h"

int ec2_encode(struct proto *proto, const json_t *params);

#endif
