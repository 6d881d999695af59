#include "aws/protocol/proto_rest.h"

#include <string.h>

#include "aws/protocol/proto_headers.h"
#include "aws/protocol/proto_uri.h"
#include "aws/protocol/request.h"
#include "aws/protocol/shape.h"

static bool is_raw(const struct model_shape_info *shape)
{
    return (shape->type == MODEL_BLOB || shape->type == MODEL_STRING) && !shape->document;
}

static int set_type(struct proto *proto, const char *type)
{
    if (proto->request->body.len == 0 || proto_has_header(proto->request, "Content-Type"))
        return 0;
    return proto_header(proto, "Content-Type", type, strlen(type));
}

static int write_raw(struct proto *proto, const struct model_shape_info *shape, const json_t *value)
{
    size_t length;
    const char *bytes = proto_bytes(value, &length);
    buf_add(&proto->request->body, bytes, length);
    return set_type(proto, shape->type == MODEL_BLOB ? "application/octet-stream" : "text/plain");
}

static int write_empty(struct proto *proto, const struct rest_language *language)
{
    buf_adds(&proto->request->body, language->empty_body);
    return set_type(proto, language->content_type);
}

/* The XML root of a payload: the name given by the member, else the shape's xmlName, else the name
 * of the member. */
static const char *root_of(const struct model_member *member, const struct model_shape_info *shape)
{
    bool own = member->has_location_name && strcmp(member->location_name, member->name) != 0;
    if (!own && shape->xml_name[0] != '\0')
        return shape->xml_name;
    return member->has_location_name ? member->location_name : shape->name;
}

static int write_payload(struct proto *proto, const struct model_shape_info *input,
                         const struct rest_language *language, const json_t *params)
{
    struct model_member member;
    struct model_shape_info shape;
    if (!model_member_find(proto->model, proto->operation->input, input->payload, &member))
        return err_set(proto->err, ERR_INTERNAL, "%s has no member %s", input->name,
                       input->payload);
    const json_t *value = proto_value(params, &member);
    model_member_shape(proto->model, &member, &shape);
    if (is_raw(&shape))
        return write_raw(proto, &shape, value);
    if (value == NULL)
        return shape.is_union ? 0 : write_empty(proto, language);
    if (language->write(proto, &shape, member.shape, root_of(&member, &shape), value) != 0)
        return -1;
    return set_type(proto, language->content_type);
}

/* How many members belong to the body, and whether any of them is present. */
static size_t body_members(const struct proto *proto, model_shape structure, const json_t *params,
                           bool *given)
{
    struct model_shape_info shape;
    struct model_member member;
    size_t count = 0;
    *given = false;
    model_shape_info(proto->model, structure, &shape);
    for (size_t i = 0; i < shape.member_count; i++) {
        model_member_at(proto->model, structure, i, &member);
        if (!proto_in_body(proto, structure, &member))
            continue;
        count++;
        *given = *given || proto_value(params, &member) != NULL;
    }
    return count;
}

static int write_body(struct proto *proto, const struct model_shape_info *input,
                      const struct rest_language *language, const json_t *params)
{
    bool given;
    size_t count = body_members(proto, proto->operation->input, params, &given);
    if (count == 0)
        return 0;
    if (!given)
        return write_empty(proto, language);
    struct model_shape_info shape = *input;
    if (proto->operation->input_xml_namespace[0] != '\0')
        shape.xml_namespace = proto->operation->input_xml_namespace;
    const char *root = shape.xml_name;
    if (root[0] == '\0')
        root = proto->operation->input_xml_name;
    if (root[0] == '\0')
        root = shape.name;
    if (language->write(proto, &shape, proto->operation->input, root, params) != 0)
        return -1;
    return set_type(proto, language->content_type);
}

static int write_headers(struct proto *proto, const struct model_shape_info *input,
                         const json_t *params)
{
    struct model_member member;
    for (size_t i = 0; i < input->member_count; i++) {
        model_member_at(proto->model, proto->operation->input, i, &member);
        if (member.location != MODEL_HEADER && member.location != MODEL_HEADERS)
            continue;
        const json_t *value = proto_value(params, &member);
        if (value != NULL && proto_header_member(proto, &member, value) != 0)
            return -1;
    }
    return 0;
}

int rest_encode(struct proto *proto, const json_t *params, const struct rest_language *language)
{
    struct model_shape_info input;
    if (proto_uri(proto, params) != 0)
        return -1;
    if (proto->operation->input == MODEL_NO_SHAPE)
        return 0;
    model_shape_info(proto->model, proto->operation->input, &input);
    if (proto_query_members(proto, params) != 0 || write_headers(proto, &input, params) != 0)
        return -1;
    return input.payload[0] != '\0' ? write_payload(proto, &input, language, params)
                                    : write_body(proto, &input, language, params);
}

static json_t *raw_body(const struct http_response *response)
{
    return json_stringn_nocheck(response->body != NULL ? response->body : "",
                                response->body_length);
}

/* An empty body is an empty structure, but not a union. */
static int read_payload(struct proto *proto, const struct model_shape_info *output,
                        const struct rest_language *language, const struct http_response *response,
                        json_t **result)
{
    struct model_member member;
    struct model_shape_info shape;
    json_t *value = NULL;
    *result = json_object();
    if (!model_member_find(proto->model, proto->operation->output, output->payload, &member))
        return 0;
    model_member_shape(proto->model, &member, &shape);
    if (is_raw(&shape))
        value = raw_body(response);
    else if (language->read(proto, &shape, member.shape, response, &value) != 0)
        return -1;
    if (value == NULL && shape.type == MODEL_STRUCTURE && !shape.is_union && !shape.document)
        value = json_object();
    return value != NULL ? json_object_set_new_nocheck(*result, member.name, value) : 0;
}

static int read_body(struct proto *proto, const struct model_shape_info *output,
                     const struct rest_language *language, const struct http_response *response,
                     json_t **result)
{
    bool given;
    if (body_members(proto, proto->operation->output, NULL, &given) > 0 &&
        language->read(proto, output, proto->operation->output, response, result) != 0)
        return -1;
    if (*result == NULL)
        *result = json_object();
    return 0;
}

int rest_decode(struct proto *proto, const struct http_response *response,
                const struct rest_language *language, json_t **result)
{
    struct model_shape_info output;
    if (proto->operation->output == MODEL_NO_SHAPE) {
        *result = json_object();
        return 0;
    }
    model_shape_info(proto->model, proto->operation->output, &output);
    int read = output.payload[0] != '\0' ? read_payload(proto, &output, language, response, result)
                                         : read_body(proto, &output, language, response, result);
    if (read == 0)
        read = proto_header_members(proto, response, *result);
    if (read != 0) {
        json_decref(*result);
        *result = NULL;
    }
    return read;
}
