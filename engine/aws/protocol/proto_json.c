#include "aws/protocol/proto_json.h"

#include "aws/protocol/proto_headers.h"
#include "aws/protocol/proto_json_body.h"
#include "aws/protocol/shape.h"

static int add_headers(struct proto *proto)
{
    const struct model_info *service = proto->service;
    struct buf text;
    buf_init(&text, 1024);
    buf_adds(&text, service->target_prefix);
    buf_addc(&text, '.');
    buf_adds(&text, proto->operation->name);
    int result = proto_header(proto, "X-Amz-Target", buf_text(&text), text.len);
    buf_reset(&text);
    buf_adds(&text, "application/x-amz-json-");
    buf_adds(&text, service->json_version[0] != '\0' ? service->json_version : "1.1");
    if (result == 0)
        result = proto_header(proto, "Content-Type", buf_text(&text), text.len);
    buf_clear(&text);
    if (result == 0 && service->query_compatible)
        result = proto_header(proto, "x-amzn-query-mode", "true", 4);
    return result;
}

int json_rpc_encode(struct proto *proto, const json_t *params)
{
    struct model_shape_info input;
    buf_adds(&proto->request->path, "/");
    if (add_headers(proto) != 0)
        return -1;
    if (proto->operation->input == MODEL_NO_SHAPE)
        return buf_adds(&proto->request->body, "{}");
    model_shape_info(proto->model, proto->operation->input, &input);
    return proto_json_write(proto, &input, proto->operation->input, params);
}

int json_rpc_decode(struct proto *proto, const struct http_response *response, json_t **result)
{
    struct model_shape_info output;
    if (proto->operation->output == MODEL_NO_SHAPE) {
        *result = json_object();
        return 0;
    }
    json_t *body = proto_json_parse(proto, response);
    if (body == NULL)
        return -1;
    model_shape_info(proto->model, proto->operation->output, &output);
    if (json_is_null(body) || proto_json_read(proto, &output, proto->operation->output, &body)) {
        if (json_is_null(body))
            err_set(proto->err, ERR_PARSE, "the response to %s is null", proto->operation->name);
        json_decref(body);
        return -1;
    }
    *result = body;
    return 0;
}
