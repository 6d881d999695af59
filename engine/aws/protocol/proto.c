#include "aws/protocol/proto_internal.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/digest.h"

#define MAX_PATH (64u << 10)
#define MAX_QUERY (1u << 20)
#define MAX_STORAGE (256u << 10)

void proto_request_init(struct proto_request *request)
{
    memset(request, 0, sizeof *request);
    buf_init(&request->path, MAX_PATH);
    buf_init(&request->query, MAX_QUERY);
    buf_init(&request->body, PROTO_MAX_REQUEST);
    buf_init(&request->storage, MAX_STORAGE);
}

void proto_request_clear(struct proto_request *request)
{
    buf_clear(&request->path);
    buf_clear(&request->query);
    buf_clear(&request->body);
    buf_clear(&request->storage);
    request->header_count = 0;
}

static void request_reset(struct proto_request *request)
{
    buf_reset(&request->path);
    buf_reset(&request->query);
    buf_reset(&request->body);
    buf_reset(&request->storage);
    request->header_count = 0;
    request->host_prefix[0] = request->bucket[0] = request->method[0] = '\0';
}

int proto_request_header(struct proto_request *request, const char *name, const char *value)
{
    if (request->header_count == PROTO_MAX_HEADERS)
        return -1;
    size_t *offsets = request->header_offsets[request->header_count];
    offsets[0] = request->storage.len;
    buf_add(&request->storage, name, strlen(name) + 1);
    offsets[1] = request->storage.len;
    if (buf_add(&request->storage, value, strlen(value) + 1) != 0)
        return -1;
    request->header_count++;
    return 0;
}

const char *proto_request_header_name(const struct proto_request *request, size_t index)
{
    return request->storage.data + request->header_offsets[index][0];
}

const char *proto_request_header_value(const struct proto_request *request, size_t index)
{
    return request->storage.data + request->header_offsets[index][1];
}

bool proto_has_header(const struct proto_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (strcasecmp(proto_request_header_name(request, i), name) == 0)
            return true;
    }
    return false;
}

void proto_shape_of(const struct proto *proto, const struct model_member *member,
                    struct model_shape_info *shape)
{
    model_shape_info(proto->model, member->shape, shape);
    if (member->time != MODEL_TIME_DEFAULT)
        shape->time = member->time;
    if (member->xml_namespace[0] != '\0') {
        shape->xml_namespace = member->xml_namespace;
        shape->xml_prefix = member->xml_prefix;
    }
    shape->flattened |= member->flattened;
}

const json_t *proto_value(const json_t *params, const struct model_member *member)
{
    const json_t *value = json_object_get(params, member->name);
    return json_is_null(value) ? NULL : value;
}

int proto_enter(struct proto *proto)
{
    if (proto->depth == PROTO_MAX_NESTING)
        return err_set(proto->err, ERR_LIMIT, "nested deeper than %d levels", PROTO_MAX_NESTING);
    proto->depth++;
    return 0;
}

void proto_leave(struct proto *proto)
{
    proto->depth--;
}

bool proto_is_document(const struct model_shape_info *shape)
{
    return shape->type == MODEL_DOCUMENT || shape->document;
}

/* Locations count on the operation's own input and output, and in the REST protocols only; labels
 * and queries on the input alone. */
bool proto_in_body(const struct proto *proto, model_shape structure,
                   const struct model_member *member)
{
    enum model_protocol protocol = proto->service->protocol;
    if (member->location == MODEL_BODY ||
        (protocol != MODEL_REST_JSON && protocol != MODEL_REST_XML))
        return true;
    if (proto->request != NULL)
        return structure != proto->operation->input;
    return structure != proto->operation->output || member->location == MODEL_URI ||
           member->location == MODEL_QUERYSTRING;
}

const char *proto_bytes(const json_t *value, size_t *length)
{
    *length = json_string_length(value);
    return json_is_string(value) ? json_string_value(value) : "";
}

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

static int encode_by_protocol(struct proto *proto, const json_t *params)
{
    switch (proto->service->protocol) {
    case MODEL_QUERY: return query_encode(proto, params);
    case MODEL_EC2: return ec2_encode(proto, params);
    case MODEL_JSON: return json_rpc_encode(proto, params);
    case MODEL_REST_JSON: return rest_json_encode(proto, params);
    case MODEL_REST_XML: return rest_xml_encode(proto, params);
    case MODEL_UNSUPPORTED: break;
    }
    return err_set(proto->err, ERR_PARAM, "%s speaks a protocol that is not supported",
                   proto->service->name);
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
    if (proto_host_prefix(proto, params) != 0 || encode_by_protocol(proto, params) != 0 ||
        proto_custom_headers(proto) != 0 || add_checksum(proto) != 0)
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
    request_reset(request);
    json_t *given = params != NULL ? json_incref((json_t *)params) : json_object();
    json_t *whole = proto_custom_params(&proto, given);
    int result = encode(&proto, whole);
    json_decref(whole);
    json_decref(given);
    return result;
}

static int decode_by_protocol(struct proto *proto, const struct http_response *response,
                              json_t **result)
{
    switch (proto->service->protocol) {
    case MODEL_QUERY: return query_decode(proto, response, result);
    case MODEL_EC2: return ec2_decode(proto, response, result);
    case MODEL_JSON: return json_rpc_decode(proto, response, result);
    case MODEL_REST_JSON: return rest_json_decode(proto, response, result);
    case MODEL_REST_XML: return rest_xml_decode(proto, response, result);
    case MODEL_UNSUPPORTED: break;
    }
    return err_set(proto->err, ERR_PARAM, "%s speaks a protocol that is not supported",
                   proto->service->name);
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
    if (decode_by_protocol(&proto, response, result) != 0) {
        if (err != NULL && err->kind == ERR_PARSE)
            err->status = response->status;
        return -1;
    }
    return 0;
}
