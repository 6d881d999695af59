#include "aws/protocol/proto_uri.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "aws/protocol/proto_scalar.h"
#include "aws/protocol/shape.h"
#include "value/uri.h"

#define MAX_LABEL (32u << 10)

struct label {
    const char *name;
    size_t length;
    bool greedy;
};

/* Reads "{Name}" or "{Name+}" at *at and moves *at after it. Returns false if there is none. */
static bool next_label(const char **at, struct label *label)
{
    const char *end = **at == '{' ? strchr(*at, '}') : NULL;
    if (end == NULL)
        return false;
    label->name = *at + 1;
    label->greedy = end[-1] == '+';
    label->length = (size_t)(end - label->name) - (label->greedy ? 1 : 0);
    *at = end + 1;
    return true;
}

static bool same(const struct label *label, const char *name)
{
    return strlen(name) == label->length && memcmp(label->name, name, label->length) == 0;
}

typedef bool (*label_test)(const struct model_member *member, const struct label *label);

static bool in_path(const struct model_member *member, const struct label *label)
{
    return member->location == MODEL_URI && same(label, member->location_name);
}

static bool in_host(const struct model_member *member, const struct label *label)
{
    return member->host_label && same(label, member->name);
}

/* The value of the label as text. */
static int label_text(struct proto *proto, const struct label *label, label_test test,
                      const json_t *params, struct buf *out)
{
    struct model_shape_info shape;
    struct model_member member;
    model_shape_info(proto->model, proto->operation->input, &shape);
    for (size_t i = 0; i < shape.member_count; i++) {
        model_member_at(proto->model, proto->operation->input, i, &member);
        if (!test(&member, label))
            continue;
        const json_t *value = proto_value(params, &member);
        model_member_shape(proto->model, &member, &shape);
        if (value == NULL || (json_is_string(value) && json_string_length(value) == 0))
            return err_set(proto->err, ERR_PARAM,
                           "%s: requires a value, since it is part of the URL", member.name);
        return proto_scalar_write(proto, out, &shape, value, MODEL_TIME_ISO8601);
    }
    return err_set(proto->err, ERR_INTERNAL, "%s has no member for the label %.*s",
                   proto->operation->name, (int)label->length, label->name);
}

static int write_label(struct proto *proto, const struct label *label, const json_t *params,
                       struct buf *out)
{
    struct buf text;
    buf_init(&text, MAX_LABEL);
    int result = label_text(proto, label, in_path, params, &text);
    if (result == 0)
        result = uri_encode(out, buf_text(&text), text.len, label->greedy);
    if (result == 0 && strcmp(proto->service->name, "s3") == 0 && same(label, "Bucket"))
        snprintf(proto->request->bucket, sizeof proto->request->bucket, "%s", buf_text(&text));
    buf_clear(&text);
    return result;
}

int proto_uri(struct proto *proto, const json_t *params)
{
    struct buf *out = &proto->request->path;
    struct label label;
    for (const char *at = proto->operation->request_uri; *at != '\0';) {
        if (*at == '{' && next_label(&at, &label)) {
            if (write_label(proto, &label, params, out) != 0)
                return -1;
        } else if (*at == '?' && out == &proto->request->path) {
            out = &proto->request->query;
            at++;
        } else {
            buf_addc(out, *at++);
        }
    }
    return proto->request->path.len > 0 ? 0 : buf_addc(&proto->request->path, '/');
}

static int query_list(struct proto *proto, const struct model_member *member,
                      const struct model_shape_info *list, const json_t *value)
{
    struct model_shape_info element;
    model_shape_info(proto->model, list->element, &element);
    for (size_t i = 0; i < json_array_size(value); i++) {
        const json_t *item = json_array_get(value, i);
        if (!json_is_null(item) &&
            proto_scalar_pair(proto, &proto->request->query, member->location_name, &element, item,
                              MODEL_TIME_ISO8601) != 0)
            return -1;
    }
    return 0;
}

/* A member with this name takes precedence over the same key in a map. */
static bool is_named(const struct proto *proto, const char *key, const json_t *params)
{
    struct model_member member;
    return model_member_by_wire(proto->model, proto->operation->input, key, &member) &&
           member.location == MODEL_QUERYSTRING && proto_value(params, &member) != NULL;
}

static int query_entry(struct proto *proto, const struct model_shape_info *value_shape,
                       const char *key, const json_t *value)
{
    struct model_member as_member = {.location_name = key};
    if (json_is_null(value))
        return 0;
    if (value_shape->type == MODEL_LIST)
        return query_list(proto, &as_member, value_shape, value);
    return proto_scalar_pair(proto, &proto->request->query, key, value_shape, value,
                             MODEL_TIME_ISO8601);
}

static int query_map(struct proto *proto, const struct model_shape_info *map, const json_t *value,
                     const json_t *params)
{
    struct model_shape_info element;
    const char *key;
    json_t *item;
    model_shape_info(proto->model, map->element, &element);
    json_object_foreach ((json_t *)value, key, item) {
        if (!is_named(proto, key, params) && query_entry(proto, &element, key, item) != 0)
            return -1;
    }
    return 0;
}

int proto_query_members(struct proto *proto, const json_t *params)
{
    struct model_shape_info input, shape;
    struct model_member member;
    model_shape_info(proto->model, proto->operation->input, &input);
    for (size_t i = 0; i < input.member_count; i++) {
        model_member_at(proto->model, proto->operation->input, i, &member);
        const json_t *value =
            member.location == MODEL_QUERYSTRING ? proto_value(params, &member) : NULL;
        if (value == NULL)
            continue;
        model_member_shape(proto->model, &member, &shape);
        int result = shape.type == MODEL_LIST ? query_list(proto, &member, &shape, value)
                     : shape.type == MODEL_MAP
                         ? query_map(proto, &shape, value, params)
                         : query_entry(proto, &shape, member.location_name, value);
        if (result != 0)
            return -1;
    }
    return 0;
}

static int check_host(const struct proto *proto, const struct label *label, const struct buf *text)
{
    for (size_t i = 0; i < text->len; i++) {
        char c = text->data[i];
        if (!isalnum((unsigned char)c) && c != '-' && c != '.')
            return err_set(proto->err, ERR_PARAM,
                           "%.*s: part of the host name, so only letters, digits, '-' and '.'",
                           (int)label->length, label->name);
    }
    return 0;
}

static int host_label(struct proto *proto, const struct label *label, const json_t *params,
                      struct buf *out)
{
    struct buf text;
    buf_init(&text, sizeof proto->request->host_prefix);
    int result = label_text(proto, label, in_host, params, &text);
    if (result == 0)
        result = check_host(proto, label, &text);
    if (result == 0)
        buf_add(out, buf_text(&text), text.len);
    buf_clear(&text);
    return result;
}

int proto_host_prefix(struct proto *proto, const json_t *params)
{
    struct buf out;
    struct label label;
    int result = 0;
    buf_init(&out, sizeof proto->request->host_prefix - 1);
    for (const char *at = proto->operation->host_prefix; *at != '\0' && result == 0;) {
        if (*at == '{' && next_label(&at, &label))
            result = host_label(proto, &label, params, &out);
        else
            buf_addc(&out, *at++);
    }
    if (result == 0 && out.failed)
        result = err_set(proto->err, ERR_PARAM, "the host name's prefix is too long");
    snprintf(proto->request->host_prefix, sizeof proto->request->host_prefix, "%s", buf_text(&out));
    buf_clear(&out);
    return result;
}
