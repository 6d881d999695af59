#include "aws/protocol/proto_json_body.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "aws/model/model_field.h"
#include "aws/protocol/proto_scalar.h"
#include "aws/protocol/shape.h"
#include "base/digest.h"
#include "value/json.h"

/* ---- writing ---- */

static int write_structure(struct proto *proto, const struct model_shape_info *shape,
                           model_shape handle, const json_t *value)
{
    struct buf *out = &proto->request->body;
    struct model_member member;
    struct model_shape_info inner;
    const char *before = "\"";
    buf_addc(out, '{');
    for (size_t i = 0; i < shape->member_count; i++) {
        model_member_at(proto->model, handle, i, &member);
        const json_t *given = proto_value(value, &member);
        if (given == NULL || !proto_in_body(proto, handle, &member))
            continue;
        model_member_shape(proto->model, &member, &inner);
        buf_adds(out, before);
        buf_adds(out, member.location_name);
        buf_add(out, "\":", 2);
        if (proto_json_write(proto, &inner, member.shape, given) != 0)
            return -1;
        before = ",\"";
    }
    return buf_addc(out, '}');
}

static int write_list(struct proto *proto, const struct model_shape_info *shape,
                      const json_t *value)
{
    struct buf *out = &proto->request->body;
    struct model_shape_info element;
    model_shape_info(proto->model, shape->element, &element);
    buf_addc(out, '[');
    for (size_t i = 0; i < json_array_size(value); i++) {
        if (i > 0)
            buf_addc(out, ',');
        if (proto_json_write(proto, &element, shape->element, json_array_get(value, i)) != 0)
            return -1;
    }
    return buf_addc(out, ']');
}

static int write_key(struct buf *out, const char *key, size_t length)
{
    json_t *text = json_stringn_nocheck(key, length);
    int result = json_write(text, out);
    json_decref(text);
    return result == 0 ? buf_addc(out, ':') : -1;
}

static int write_map(struct proto *proto, const struct model_shape_info *shape, const json_t *value)
{
    struct buf *out = &proto->request->body;
    struct model_shape_info element;
    const char *key, *comma = "";
    json_t *item;
    model_shape_info(proto->model, shape->element, &element);
    buf_addc(out, '{');
    json_object_foreach ((json_t *)value, key, item) {
        buf_adds(out, comma);
        write_key(out, key, strlen(key));
        if (proto_json_write(proto, &element, shape->element, item) != 0)
            return -1;
        comma = ",";
    }
    return buf_addc(out, '}');
}

static int write_container(struct proto *proto, const struct model_shape_info *shape,
                           model_shape handle, const json_t *value)
{
    if (proto_enter(proto) != 0)
        return -1;
    int result = shape->type == MODEL_STRUCTURE ? write_structure(proto, shape, handle, value)
                 : shape->type == MODEL_LIST    ? write_list(proto, shape, value)
                                                : write_map(proto, shape, value);
    proto_leave(proto);
    return result;
}

static int write_quoted(struct proto *proto, const struct model_shape_info *shape,
                        const json_t *value)
{
    struct buf *out = &proto->request->body;
    buf_addc(out, '"');
    if (proto_scalar_write(proto, out, shape, value, MODEL_TIME_UNIX) != 0)
        return -1;
    return buf_addc(out, '"');
}

static int write_scalar(struct proto *proto, const struct model_shape_info *shape,
                        const json_t *value)
{
    struct buf *out = &proto->request->body;
    switch (shape->type) {
    case MODEL_BLOB: return write_quoted(proto, shape, value);
    case MODEL_TIMESTAMP:
        if (shape->time == MODEL_TIME_ISO8601 || shape->time == MODEL_TIME_RFC822)
            return write_quoted(proto, shape, value);
        return proto_scalar_write(proto, out, shape, value, MODEL_TIME_UNIX);
    case MODEL_INTEGER:
    case MODEL_LONG:
        if (json_is_real(value))
            return proto_scalar_write(proto, out, shape, value, MODEL_TIME_UNIX);
        return json_write(value, out);
    default: return json_write(value, out);
    }
}

int proto_json_write(struct proto *proto, const struct model_shape_info *shape, model_shape handle,
                     const json_t *value)
{
    if (json_is_null(value) || proto_is_document(shape))
        return json_write(value, &proto->request->body);
    if (shape->type == MODEL_STRUCTURE || shape->type == MODEL_LIST || shape->type == MODEL_MAP)
        return write_container(proto, shape, handle, value);
    return write_scalar(proto, shape, value);
}

/* ---- reading ---- */

static int wrong_kind(const struct proto *proto, const struct model_shape_info *shape,
                      const char *kind)
{
    return err_set(proto->err, ERR_PARSE, "the response's value of %s is not of type %s",
                   shape->name, kind);
}

/* Exactly one member may be set; "__type" is not a member (botocore: parsers.py). A member that the
 * model does not have is reported by its name, as botocore does. */
static int read_union(struct proto *proto, const struct model_shape_info *shape, model_shape handle,
                      json_t *object)
{
    const char *key, *tag = NULL;
    json_t *item;
    int set = 0;
    json_object_foreach (object, key, item) {
        if (json_is_null(item) || strcmp(key, "__type") == 0)
            continue;
        tag = key;
        set++;
    }
    if (set != 1)
        return err_set(proto->err, ERR_PARSE, "the response's %s must have exactly one member set",
                       shape->name);
    if (model_field_by_wire(proto->model, handle, tag) != NULL)
        return 0;
    json_t *unknown = json_pack("{s:s}", "name", tag);
    json_object_clear(object);
    return json_object_set_new(object, "SDK_UNKNOWN_MEMBER", unknown);
}

/* Converts one member in place. `renamed` collects those whose name differs from their wire name,
 * because an object must not grow while it is iterated. */
static int read_member(struct proto *proto, json_t *object, void *at,
                       const struct model_field *field, json_t **renamed)
{
    const struct model_member *member = &field->member;
    json_t *before = json_object_iter_value(at), *value = json_incref(before);
    if (proto_json_read(proto, &field->shape, member->shape, &value) != 0) {
        json_decref(value);
        return -1;
    }
    if (strcmp(member->name, member->location_name) != 0) {
        if (*renamed == NULL)
            *renamed = json_object();
        json_object_set_new(*renamed, member->name, value);
        json_object_del(object, member->location_name);
    } else if (value != before) {
        json_object_iter_set_new(object, at, value);
    } else {
        json_decref(value);
    }
    return 0;
}

static int read_members(struct proto *proto, model_shape handle, json_t *object, json_t **renamed)
{
    void *next;
    for (void *at = json_object_iter(object); at != NULL; at = next) {
        const char *key = json_object_iter_key(at);
        const struct model_field *field = model_field_by_wire(proto->model, handle, key);
        next = json_object_iter_next(object, at);
        if (json_is_null(json_object_iter_value(at)) || field == NULL ||
            !proto_in_body(proto, handle, &field->member))
            json_object_del(object, key);
        else if (read_member(proto, object, at, field, renamed) != 0)
            return -1;
    }
    return 0;
}

static int read_structure(struct proto *proto, const struct model_shape_info *shape,
                          model_shape handle, json_t *object)
{
    if (shape->is_union) {
        if (read_union(proto, shape, handle, object) != 0)
            return -1;
        if (json_object_get(object, "SDK_UNKNOWN_MEMBER") != NULL)
            return 0;
    }
    json_t *renamed = NULL;
    int result = read_members(proto, handle, object, &renamed);
    if (result == 0 && renamed != NULL)
        json_object_update(object, renamed);
    json_decref(renamed);
    return result;
}

static int read_list(struct proto *proto, const struct model_shape_info *shape, json_t *array)
{
    struct model_shape_info element;
    model_shape_info(proto->model, shape->element, &element);
    for (size_t i = 0; i < json_array_size(array); i++) {
        json_t *before = json_array_get(array, i), *value = json_incref(before);
        if (proto_json_read(proto, &element, shape->element, &value) != 0) {
            json_decref(value);
            return -1;
        }
        if (value != before)
            json_array_set_new(array, i, value);
        else
            json_decref(value);
    }
    return 0;
}

/* Nulls are kept only in sparse maps. */
static int read_map(struct proto *proto, const struct model_shape_info *shape, json_t *object)
{
    struct model_shape_info element;
    void *next;
    model_shape_info(proto->model, shape->element, &element);
    for (void *at = json_object_iter(object); at != NULL; at = next) {
        json_t *before = json_object_iter_value(at), *value = json_incref(before);
        next = json_object_iter_next(object, at);
        if (proto_json_read(proto, &element, shape->element, &value) != 0) {
            json_decref(value);
            return -1;
        }
        if (value != before)
            json_object_iter_set_new(object, at, value);
        else
            json_decref(value);
        if (json_is_null(value) && !shape->sparse)
            json_object_del(object, json_object_iter_key(at));
    }
    return 0;
}

static int read_container(struct proto *proto, const struct model_shape_info *shape,
                          model_shape handle, json_t *value)
{
    bool list = shape->type == MODEL_LIST;
    if (list ? !json_is_array(value) : !json_is_object(value))
        return wrong_kind(proto, shape, list ? "list" : "object");
    if (proto_enter(proto) != 0)
        return -1;
    int result = list                             ? read_list(proto, shape, value)
                 : shape->type == MODEL_STRUCTURE ? read_structure(proto, shape, handle, value)
                                                  : read_map(proto, shape, value);
    proto_leave(proto);
    return result;
}

static int replace(json_t **value, json_t *by)
{
    if (by == NULL)
        return -1;
    json_decref(*value);
    *value = by;
    return 0;
}

static int read_number(struct proto *proto, const struct model_shape_info *shape, json_t **value)
{
    bool floating = shape->type == MODEL_FLOAT || shape->type == MODEL_DOUBLE;
    if (json_is_string(*value))
        return replace(value, proto_scalar_read(proto, shape, json_string_value(*value),
                                                json_string_length(*value)));
    if (!json_is_number(*value))
        return wrong_kind(proto, shape, "number");
    if (floating)
        return json_is_real(*value) ? 0 : replace(value, json_real(json_number_value(*value)));
    if (json_is_integer(*value))
        return 0;
    double real = json_real_value(*value);
    if (real != floor(real) || fabs(real) > 9e15)
        return wrong_kind(proto, shape, "integer");
    return replace(value, json_integer((json_int_t)real));
}

static int read_time(struct proto *proto, const struct model_shape_info *shape, json_t **value)
{
    if (json_is_string(*value))
        return replace(value, proto_scalar_read(proto, shape, json_string_value(*value),
                                                json_string_length(*value)));
    if (json_is_integer(*value))
        return 0;
    if (!json_is_real(*value))
        return wrong_kind(proto, shape, "time");
    double real = json_real_value(*value);
    if (real == floor(real) && fabs(real) < 9e15)
        return replace(value, json_integer((json_int_t)real));
    return 0;
}

static int read_scalar(struct proto *proto, const struct model_shape_info *shape, json_t **value)
{
    switch (shape->type) {
    case MODEL_TIMESTAMP: return read_time(proto, shape, value);
    case MODEL_INTEGER:
    case MODEL_LONG:
    case MODEL_FLOAT:
    case MODEL_DOUBLE: return read_number(proto, shape, value);
    case MODEL_BLOB:
        if (!json_is_string(*value))
            return wrong_kind(proto, shape, "text");
        return replace(
            value, proto_blob_read(proto, json_string_value(*value), json_string_length(*value)));
    case MODEL_BOOLEAN:
        if (!json_is_string(*value))
            return json_is_boolean(*value) ? 0 : wrong_kind(proto, shape, "boolean");
        return replace(value, json_boolean(strcasecmp(json_string_value(*value), "true") == 0));
    default: return 0; /* as botocore: any value for a string is passed on */
    }
}

int proto_json_read(struct proto *proto, const struct model_shape_info *shape, model_shape handle,
                    json_t **value)
{
    if (json_is_null(*value) || proto_is_document(shape))
        return 0;
    if (shape->type == MODEL_STRUCTURE || shape->type == MODEL_LIST || shape->type == MODEL_MAP)
        return read_container(proto, shape, handle, *value);
    return read_scalar(proto, shape, value);
}

json_t *proto_json_parse(struct proto *proto, const struct http_response *response)
{
    if (response->body_length == 0)
        return json_object();
    json_t *body = json_parse(response->body, response->body_length, proto->err);
    if (body == NULL)
        err_prefix(proto->err, "the response to %s is not JSON", proto->operation->name);
    return body;
}
