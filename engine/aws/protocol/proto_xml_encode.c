#include "aws/protocol/proto_xml_encode.h"

#include <string.h>

#include "aws/protocol/proto_scalar.h"
#include "aws/protocol/shape.h"

#define MAX_SCALAR (8u << 20)

/* An XML parser would change line ends in attributes, carriage returns anywhere, and other control
 * characters, so they are escaped. */
static void escape(struct buf *out, const char *text, size_t length, bool attribute)
{
    size_t start = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        bool control = c < 0x20 && (attribute || (c != '\n' && c != '\t'));
        if (!control && c != '&' && c != '<' && c != '>' && (c != '"' || !attribute))
            continue;
        buf_add(out, text + start, i - start);
        start = i + 1;
        if (control)
            buf_addf(out, "&#x%X;", c);
        else
            buf_adds(out, c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : "&quot;");
    }
    buf_add(out, text + start, length - start);
}

static void open_tag(struct buf *out, const struct model_shape_info *shape, const char *name)
{
    buf_addf(out, "<%s", name);
    if (shape->xml_namespace[0] == '\0')
        return;
    buf_adds(out, shape->xml_prefix[0] != '\0' ? " xmlns:" : " xmlns");
    buf_addf(out, "%s=\"", shape->xml_prefix);
    escape(out, shape->xml_namespace, strlen(shape->xml_namespace), true);
    buf_addc(out, '"');
}

static void close_tag(struct buf *out, const char *name)
{
    buf_addf(out, "</%s>", name);
}

static int scalar_text(struct proto *proto, const struct model_shape_info *shape,
                       const json_t *value, bool attribute)
{
    struct buf *out = &proto->request->body, text;
    if (json_is_string(value) && shape->type == MODEL_STRING) {
        escape(out, json_string_value(value), json_string_length(value), attribute);
        return 0;
    }
    buf_init(&text, MAX_SCALAR);
    int result = proto_scalar_write(proto, &text, shape, value, MODEL_TIME_ISO8601);
    if (result == 0)
        escape(out, buf_text(&text), text.len, attribute);
    buf_clear(&text);
    return result;
}

static int write_scalar(struct proto *proto, const struct model_shape_info *shape, const char *name,
                        const json_t *value)
{
    struct buf *out = &proto->request->body;
    open_tag(out, shape, name);
    buf_addc(out, '>');
    if (scalar_text(proto, shape, value, false) != 0)
        return -1;
    close_tag(out, name);
    return 0;
}

static int write_attributes(struct proto *proto, const struct model_shape_info *shape,
                            model_shape handle, const json_t *value)
{
    struct buf *out = &proto->request->body;
    struct model_member member;
    struct model_shape_info inner;
    for (size_t i = 0; i < shape->member_count; i++) {
        model_member_at(proto->model, handle, i, &member);
        const json_t *given = member.xml_attribute ? proto_value(value, &member) : NULL;
        if (given == NULL)
            continue;
        model_member_shape(proto->model, &member, &inner);
        buf_addf(out, " %s=\"", member.location_name);
        if (scalar_text(proto, &inner, given, true) != 0)
            return -1;
        buf_addc(out, '"');
    }
    return 0;
}

static int write_members(struct proto *proto, const struct model_shape_info *shape,
                         model_shape handle, const json_t *value)
{
    struct model_member member;
    struct model_shape_info inner;
    for (size_t i = 0; i < shape->member_count; i++) {
        model_member_at(proto->model, handle, i, &member);
        const json_t *given = proto_value(value, &member);
        if (given == NULL || member.xml_attribute || !proto_in_body(proto, handle, &member))
            continue;
        model_member_shape(proto->model, &member, &inner);
        if (proto_xml_write(proto, &inner, member.shape, member.location_name, given) != 0)
            return -1;
    }
    return 0;
}

static int write_structure(struct proto *proto, const struct model_shape_info *shape,
                           model_shape handle, const char *name, const json_t *value)
{
    struct buf *out = &proto->request->body;
    open_tag(out, shape, name);
    if (write_attributes(proto, shape, handle, value) != 0)
        return -1;
    buf_addc(out, '>');
    if (write_members(proto, shape, handle, value) != 0)
        return -1;
    close_tag(out, name);
    return 0;
}

/* The elements of a flattened list have the name and namespace of the list. */
static int write_list(struct proto *proto, const struct model_shape_info *shape, const char *name,
                      const json_t *value)
{
    struct buf *out = &proto->request->body;
    struct model_shape_info element;
    const char *element_name = shape->element_name[0] != '\0' ? shape->element_name : "member";
    model_shape_info(proto->model, shape->element, &element);
    if (shape->element_namespace[0] != '\0')
        element.xml_namespace = shape->element_namespace;
    if (shape->flattened && element.xml_namespace[0] == '\0') {
        element.xml_namespace = shape->xml_namespace;
        element.xml_prefix = shape->xml_prefix;
    }
    if (!shape->flattened) {
        open_tag(out, shape, name);
        buf_addc(out, '>');
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        if (proto_xml_write(proto, &element, shape->element, shape->flattened ? name : element_name,
                            json_array_get(value, i)) != 0)
            return -1;
    }
    if (!shape->flattened)
        close_tag(out, name);
    return 0;
}

static int write_entry(struct proto *proto, const struct model_shape_info *shape, const char *key,
                       const json_t *value)
{
    struct buf *out = &proto->request->body;
    struct model_shape_info inner;
    const char *key_name = shape->key_name[0] != '\0' ? shape->key_name : "key";
    model_shape_info(proto->model, shape->key, &inner);
    open_tag(out, &inner, key_name);
    buf_addc(out, '>');
    escape(out, key, strlen(key), false);
    close_tag(out, key_name);
    model_shape_info(proto->model, shape->element, &inner);
    return proto_xml_write(proto, &inner, shape->element,
                           shape->element_name[0] != '\0' ? shape->element_name : "value", value);
}

static int write_map(struct proto *proto, const struct model_shape_info *shape, const char *name,
                     const json_t *value)
{
    struct buf *out = &proto->request->body;
    const char *entry = shape->flattened ? name : "entry", *key;
    json_t *item;
    if (!shape->flattened) {
        open_tag(out, shape, name);
        buf_addc(out, '>');
    }
    json_object_foreach ((json_t *)value, key, item) {
        buf_addf(out, "<%s>", entry);
        if (write_entry(proto, shape, key, item) != 0)
            return -1;
        close_tag(out, entry);
    }
    if (!shape->flattened)
        close_tag(out, name);
    return 0;
}

int proto_xml_write(struct proto *proto, const struct model_shape_info *shape, model_shape handle,
                    const char *name, const json_t *value)
{
    if (json_is_null(value))
        return 0;
    if (shape->type != MODEL_STRUCTURE && shape->type != MODEL_LIST && shape->type != MODEL_MAP)
        return write_scalar(proto, shape, name, value);
    if (proto_enter(proto) != 0)
        return -1;
    int result = shape->type == MODEL_STRUCTURE ? write_structure(proto, shape, handle, name, value)
                 : shape->type == MODEL_LIST    ? write_list(proto, shape, name, value)
                                                : write_map(proto, shape, name, value);
    proto_leave(proto);
    return result;
}
