/* JSON bodies by model, for awsJson and restJson1. They are written directly into the request.
 * Responses are converted in place, so that values that the model does not change are not
 * copied. */
#ifndef AWS_PROTOCOL_PROTO_JSON_BODY_H
#define AWS_PROTOCOL_PROTO_JSON_BODY_H

#include <jansson.h>

#include "aws/model/model.h"
#include "aws/model/model_shape.h"
#include "aws/protocol/shape.h"
#include "net/http/http.h"

/* Writes `value`, as the caller gave it, as the body or as a part of it. */
int proto_json_write(struct proto *proto, const struct model_shape_info *shape, model_shape handle,
                     const json_t *value);
/* Takes the reference *value and returns one (usually the same) with members by their names, and
 * blobs, timestamps and floats converted. On -1 *value still belongs to the caller. */
int proto_json_read(struct proto *proto, const struct model_shape_info *shape, model_shape handle,
                    json_t **value);
/* Parses a body as JSON; an empty body is an empty object. NULL with ERR_PARSE. */
json_t *proto_json_parse(struct proto *proto, const struct http_response *response);

#endif
