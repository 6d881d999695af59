/* Converts single values to text and back: numbers, booleans, blobs, timestamps. Serves the bodies,
 * headers and queries of every protocol; calls proto_time, json, uri and digest (base64). */
#ifndef AWS_PROTOCOL_PROTO_SCALAR_H
#define AWS_PROTOCOL_PROTO_SCALAR_H

#include <jansson.h>
#include <stddef.h>

#include "aws/model/model.h"
#include "aws/model/model_shape.h"
#include "aws/protocol/shape.h"
#include "base/buf.h"

/* Writes a scalar as text. `format` is for timestamps without a format in the model. ERR_PARAM. */
int proto_scalar_write(struct proto *proto, struct buf *out, const struct model_shape_info *shape,
                       const json_t *value, enum model_time format);
/* Reads a scalar from text: new reference, or NULL with ERR_PARSE. */
json_t *proto_scalar_read(struct proto *proto, const struct model_shape_info *shape,
                          const char *text, size_t length);
/* Decodes base64, ignoring white space; NULL with ERR_PARSE. */
json_t *proto_blob_read(struct proto *proto, const char *text, size_t length);

/* Appends a percent-encoded "name=value", after '&' if `out` is not empty. */
int proto_pair(struct buf *out, const char *name, size_t name_length, const char *value,
               size_t length);
int proto_scalar_pair(struct proto *proto, struct buf *out, const char *name,
                      const struct model_shape_info *shape, const json_t *value,
                      enum model_time format);

#endif
