/* The common parts of restJson1 and restXml: labels, query, headers and the choice of the
 * payload. */
#ifndef AWS_PROTOCOL_PROTO_REST_H
#define AWS_PROTOCOL_PROTO_REST_H

#include <jansson.h>

#include "aws/model/model.h"
#include "aws/model/model_shape.h"
#include "aws/protocol/shape.h"
#include "net/http/http.h"

/* The functions in which the REST protocols differ: reading and writing bodies. */
struct rest_language {
    /* Writes a structure, document, list or map as the whole body; `root` is its XML name. */
    int (*write)(struct proto *proto, const struct model_shape_info *shape, model_shape handle,
                 const char *root, const json_t *value);
    /* Reads the body as a value of the shape; *result may stay NULL for an empty body. */
    int (*read)(struct proto *proto, const struct model_shape_info *shape, model_shape handle,
                const struct http_response *response, json_t **result);
    const char *content_type;
    const char *empty_body; /* if all body members of an input are absent */
};
int rest_encode(struct proto *proto, const json_t *params, const struct rest_language *language);
int rest_decode(struct proto *proto, const struct http_response *response,
                const struct rest_language *language, json_t **result);

#endif
