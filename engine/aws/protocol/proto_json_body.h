/* JSON bodies by model, for awsJson and restJson1. Written straight into the request; replies are
 * converted in place, so that what the model leaves as it is costs no copy. */
#ifndef AWS_PROTOCOL_PROTO_JSON_BODY_H
#define AWS_PROTOCOL_PROTO_JSON_BODY_H

#include <jansson.h>

#include "aws/model/model.h"
#include "aws/model/model_shape.h"
#include "aws/protocol/shape.h"
#include "net/http/http.h"

/* Writes `value`, as the caller gave it, as the body or within it. */
int proto_json_write(struct proto *proto, const struct model_shape_info *shape, model_shape handle,
                     const json_t *value);
/* Takes the reference *value, gives one back (the same, mostly) with members by their names,
 * blobs, timestamps and floats converted. On -1 *value is still the caller's. */
int proto_json_read(struct proto *proto, const struct model_shape_info *shape, model_shape handle,
                    json_t **value);
/* A body as JSON: an empty one is an empty object. NULL with ERR_PARSE. */
json_t *proto_json_parse(struct proto *proto, const struct http_response *response);

#endif
