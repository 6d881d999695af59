#include "aws/protocol/protocol.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "aws/protocol/proto_custom.h"
#include "aws/protocol/proto_ec2.h"
#include "aws/protocol/proto_error.h"
#include "aws/protocol/proto_headers.h"
#include "aws/protocol/proto_json.h"
#include "aws/protocol/proto_query.h"
#include "aws/protocol/proto_rest_json.h"
#include "aws/protocol/proto_rest_xml.h"
#include "aws/protocol/proto_uri.h"
#include "aws/protocol/request.h"
#include "aws/protocol/shape.h"
#include "base/digest.h"

/* Content-MD5, or another checksum that the caller computed (Smithy: httpChecksumRequired). */
static bool has_checksum(const struct proto_request *request)
{
    static const char prefix[] = "x-amz-checksum-";
    for (size_t i = 0; i < request->header_count; i++) {
        const char *name = proto_request_header_name(request, i);
        if (strcasecmp(name, "content-md5") == 0 ||
            strncasecmp(name, prefix, sizeof prefix - 1) == 0)
            return true;
    }
    return false;
}

static int add_checksum(struct proto *proto)
{
    struct proto_request *request = proto->request;
    if (!proto->operation->checksum_required || has_checksum(request))
        return 0;
    unsigned char digest[16];
    struct buf text;
    buf_init(&text, 64);
    digest_md5(buf_text(&request->body), request->body.len, digest);
    base64_encode(digest, sizeof digest, &text);
    int result = proto_header(proto, "Content-MD5", text.data, text.len);
    buf_clear(&text);
    return result;
}

struct protocol {
    int (*encode)(struct proto *proto, const json_t *params);
    int (*decode)(struct proto *proto, const struct http_response *response, json_t **result);
};

/* NULL with ERR_PARAM if the engine does not support the service's protocol. */
static const struct protocol *protocol_of(const struct proto *proto)
{
    static const struct protocol protocols[] = {
        [MODEL_QUERY] = {query_encode, query_decode},
        [MODEL_EC2] = {ec2_encode, query_decode},
        [MODEL_JSON] = {json_rpc_encode, json_rpc_decode},
        [MODEL_REST_JSON] = {rest_json_encode, rest_json_decode},
        [MODEL_REST_XML] = {rest_xml_encode, rest_xml_decode},
        [MODEL_UNSUPPORTED] = {NULL, NULL},
    };
    const struct protocol *protocol = &protocols[proto->service->protocol];
    if (protocol->encode != NULL)
        return protocol;
    err_set(proto->err, ERR_PARAM, "%s uses a protocol that is not supported",
            proto->service->name);
    return NULL;
}

static int check_size(const struct proto *proto)
{
    const struct proto_request *request = proto->request;
    if (request->path.failed || request->query.failed || request->body.failed)
        return err_set(proto->err, ERR_LIMIT, "the request is too large: %s is longer than %zu",
                       request->body.failed ? "its body" : "its URL",
                       request->body.failed ? request->body.max : request->path.max);
    return 0;
}

static int encode(struct proto *proto, const json_t *params)
{
    struct proto_request *request = proto->request;
    snprintf(request->method, sizeof request->method, "%s", proto->operation->http_method);
    if (proto->operation->event_stream)
        return err_set(proto->err, ERR_PARAM, "%s is an event stream, which cannot be called",
                       proto->operation->name);
    const struct protocol *protocol = protocol_of(proto);
    if (protocol == NULL || proto_host_prefix(proto, params) != 0 ||
        protocol->encode(proto, params) != 0 || proto_custom_headers(proto) != 0 ||
        add_checksum(proto) != 0)
        return -1;
    return check_size(proto);
}

int proto_encode(const struct model *model, model_operation operation, const json_t *params,
                 struct proto_request *request, struct err *err)
{
    struct model_operation_info info;
    model_operation_info(model, operation, &info);
    struct proto proto = {.model = model,
                          .service = model_info(model),
                          .operation = &info,
                          .request = request,
                          .err = err};
    proto_request_reset(request);
    json_t *given = params != NULL ? json_incref((json_t *)params) : json_object();
    json_t *whole = proto_custom_params(&proto, given);
    int result = encode(&proto, whole);
    json_decref(whole);
    json_decref(given);
    return result;
}

int proto_decode(const struct model *model, model_operation operation,
                 const struct http_response *response, json_t **result, struct err *err)
{
    struct model_operation_info info;
    model_operation_info(model, operation, &info);
    struct proto proto = {
        .model = model, .service = model_info(model), .operation = &info, .err = err};
    *result = NULL;
    if (response->status < 200 || response->status > 299)
        return proto_error(&proto, response, response->status);
    if (proto_is_disguised_error(&proto, response))
        return proto_error(&proto, response, 500);
    const struct protocol *protocol = protocol_of(&proto);
    if (protocol == NULL || protocol->decode(&proto, response, result) != 0) {
        if (err != NULL && err->kind == ERR_PARSE)
            err->status = response->status;
        return -1;
    }
    return 0;
}
