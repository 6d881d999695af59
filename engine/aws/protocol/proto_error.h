/* Error responses of every protocol. Services, proxies and emulators do not always keep to their
 * protocol's form, so the body itself decides how it is read: XML, JSON or neither.
 *
 * Sources: the Smithy protocols' "Operation error serialization"; "Common errors" of the API
 * references; "Error responses" of the S3 and EC2 references; botocore's parsers.py. */
#ifndef AWS_PROTOCOL_PROTO_ERROR_H
#define AWS_PROTOCOL_PROTO_ERROR_H

#include <stdbool.h>

#include "aws/protocol/shape.h"
#include "net/http/http.h"

/* Fills proto->err from an error response. Returns -1. `status` is the status to report. */
int proto_error(struct proto *proto, const struct http_response *response, int status);
/* S3 returns some errors with status 200. */
bool proto_is_disguised_error(const struct proto *proto, const struct http_response *response);

#endif
