#include "aws/protocol/proto_rest_json.h"

#include "aws/protocol/proto_json_body.h"
#include "aws/protocol/proto_rest.h"
#include "aws/protocol/shape.h"

static int write(struct proto *proto, const struct model_shape_info *shape, model_shape handle,
                 const char *root, const json_t *value)
{
    (void)root;
    return proto_json_write(proto, shape, handle, value);
}

static int read(struct proto *proto, const struct model_shape_info *shape, model_shape handle,
                const struct http_response *response, json_t **result)
{
    if (response->body_length == 0)
        return 0;
    json_t *body = proto_json_parse(proto, response);
    if (body == NULL)
        return -1;
    if (proto_json_read(proto, shape, handle, &body) != 0) {
        json_decref(body);
        return -1;
    }
    if (json_is_null(body) && !proto_is_document(shape))
        json_decref(body);
    else
        *result = body;
    return 0;
}

static const struct rest_language json_language = {write, read, "application/json", "{}"};

int rest_json_encode(struct proto *proto, const json_t *params)
{
    return rest_encode(proto, params, &json_language);
}

int rest_json_decode(struct proto *proto, const struct http_response *response, json_t **result)
{
    return rest_decode(proto, response, &json_language, result);
}
