#include "aws/protocol/proto_xml_decode.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "aws/model/model_field.h"
#include "aws/protocol/proto_scalar.h"
#include "aws/protocol/shape.h"

/* The member that an element belongs to, of the last element: elements of flattened lists follow
 * each other. */
struct lookup {
    const char *wire;
    const struct model_field *field; /* NULL: the element is not known */
};

static bool is_element(const struct proto *proto, model_shape handle,
                       const struct model_member *member)
{
    return proto_in_body(proto, handle, member) && !member->xml_attribute;
}

/* Compares with the name of the shape, for members that the model gives no wire name. The elements
 * of a flattened list may use their own name (botocore: _member_key_name). */
static bool has_other_name(const struct model_field *field, const char *wire)
{
    const struct model_shape_info *shape = &field->shape;
    if (shape->type == MODEL_LIST && shape->flattened && strcmp(shape->element_name, wire) == 0)
        return true;
    return !field->member.has_location_name && strcmp(shape->xml_name, wire) == 0;
}

static const struct model_field *by_other_name(const struct proto *proto, model_shape handle,
                                               size_t count, const char *wire)
{
    struct model_member member;
    for (size_t i = 0; i < count; i++) {
        model_member_at(proto->model, handle, i, &member);
        const struct model_field *field = model_field_find(proto->model, handle, member.name);
        if (field != NULL && is_element(proto, handle, &field->member) &&
            (strcmp(member.location_name, wire) == 0 || has_other_name(field, wire)))
            return field;
    }
    return NULL;
}

static void look_up(const struct proto *proto, model_shape handle, size_t count, const char *wire,
                    struct lookup *lookup)
{
    if (lookup->wire != NULL && strcmp(lookup->wire, wire) == 0)
        return;
    lookup->wire = wire;
    lookup->field = model_field_by_wire(proto->model, handle, wire);
    if (lookup->field == NULL || !is_element(proto, handle, &lookup->field->member))
        lookup->field = by_other_name(proto, handle, count, wire);
}

static int read_entry(struct proto *proto, const struct model_shape_info *map,
                      const struct xml_node *entry, json_t *object)
{
    struct model_shape_info element;
    const struct xml_node *key = xml_child(entry, map->key_name[0] != '\0' ? map->key_name : "key");
    const struct xml_node *node =
        xml_child(entry, map->element_name[0] != '\0' ? map->element_name : "value");
    if (key == NULL || node == NULL)
        return err_set(proto->err, ERR_PARSE, "the response's %s has an entry without key or value",
                       map->name);
    model_shape_info(proto->model, map->element, &element);
    json_t *value = proto_xml_read(proto, &element, map->element, node);
    return value != NULL ? json_object_set_new_nocheck(object, key->text, value) : -1;
}

static int read_element(struct proto *proto, const struct model_shape_info *list,
                        const struct model_shape_info *element, const struct xml_node *node,
                        json_t *array)
{
    json_t *value = proto_xml_read(proto, element, list->element, node);
    return value != NULL ? json_array_append_new(array, value) : -1;
}

/* Adds one element of a flattened list or map to those before it. */
static int read_flattened(struct proto *proto, const struct model_field *field,
                          const struct xml_node *node, json_t *object)
{
    const struct model_shape_info *shape = &field->shape;
    struct model_shape_info element;
    json_t *whole = json_object_get(object, field->member.name);
    if (whole == NULL) {
        whole = shape->type == MODEL_LIST ? json_array() : json_object();
        json_object_set_new_nocheck(object, field->member.name, whole);
    }
    if (shape->type == MODEL_MAP)
        return read_entry(proto, shape, node, whole);
    model_shape_info(proto->model, shape->element, &element);
    return read_element(proto, shape, &element, node, whole);
}

/* An empty boolean is neither true nor false: it must not be read as "false". */
static bool is_empty_boolean(const struct model_shape_info *shape, const struct xml_node *node)
{
    return shape->type == MODEL_BOOLEAN && strspn(node->text, " \t\r\n") == node->text_length;
}

/* Has the object this member already? Most have not, which a bit of `seen` for each name tells. */
static bool is_repeated(const json_t *object, const char *name, uint64_t *seen)
{
    uint64_t bit = UINT64_C(1) << ((uintptr_t)name * UINT64_C(0x9e3779b97f4a7c15) >> 58);
    if ((*seen & bit) != 0)
        return json_object_get(object, name) != NULL;
    *seen |= bit;
    return false;
}

static int read_member(struct proto *proto, const struct model_field *field,
                       const struct xml_node *node, json_t *object, uint64_t *seen)
{
    const struct model_shape_info *shape = &field->shape;
    if (is_empty_boolean(shape, node))
        return 0;
    if (shape->flattened && (shape->type == MODEL_LIST || shape->type == MODEL_MAP))
        return read_flattened(proto, field, node, object);
    if (is_repeated(object, field->member.name, seen))
        return 0; /* the first one is used */
    json_t *value = proto_xml_read(proto, shape, field->member.shape, node);
    return value != NULL ? json_object_set_new_nocheck(object, field->member.name, value) : -1;
}

/* "xsi:type" by this name, or by its local part with another prefix. */
static const char *attribute(const struct xml_node *node, const char *name)
{
    const char *exact = xml_attribute_value(node, name), *local = strchr(name, ':');
    for (const struct xml_attribute *at = node->attributes; exact == NULL && local != NULL && at;
         at = at->next) {
        const char *colon = strchr(at->name, ':');
        if (colon != NULL && strcmp(colon, local) == 0)
            exact = at->value;
    }
    return exact;
}

static int read_attributes(struct proto *proto, const struct model_shape_info *shape,
                           model_shape handle, const struct xml_node *node, json_t *object)
{
    struct model_member member;
    struct model_shape_info inner;
    for (size_t i = 0; i < shape->member_count && node->attributes != NULL; i++) {
        model_member_at(proto->model, handle, i, &member);
        const char *text = member.xml_attribute ? attribute(node, member.location_name) : NULL;
        if (text == NULL)
            continue;
        model_member_shape(proto->model, &member, &inner);
        json_t *value = proto_scalar_read(proto, &inner, text, strlen(text));
        if (value == NULL)
            return -1;
        json_object_set_new_nocheck(object, member.name, value);
    }
    return 0;
}

static int read_members(struct proto *proto, const struct model_shape_info *shape,
                        model_shape handle, const struct xml_node *node, json_t *object)
{
    struct lookup lookup = {.wire = NULL};
    uint64_t seen = 0;
    for (const struct xml_node *child = node->first_child; child != NULL; child = child->next) {
        look_up(proto, handle, shape->member_count, child->name, &lookup);
        if (lookup.field != NULL && read_member(proto, lookup.field, child, object, &seen) != 0)
            return -1;
    }
    return read_attributes(proto, shape, handle, node, object);
}

/* As in JSON: exactly one member; an unknown one is reported by its name. */
static int check_union(const struct proto *proto, const struct model_shape_info *shape,
                       model_shape handle, const struct xml_node *node, json_t *object)
{
    const struct xml_node *first = node->first_child;
    struct lookup lookup = {.wire = NULL};
    for (const struct xml_node *at = first; at != NULL; at = at->next) {
        if (strcmp(at->name, first->name) != 0)
            first = NULL;
        if (first == NULL)
            break;
    }
    if (first == NULL)
        return err_set(proto->err, ERR_PARSE, "the response's %s must have exactly one member set",
                       shape->name);
    look_up(proto, handle, shape->member_count, first->name, &lookup);
    if (lookup.field == NULL)
        json_object_set_new(object, "SDK_UNKNOWN_MEMBER", json_pack("{s:s}", "name", first->name));
    return 0;
}

static int read_structure(struct proto *proto, const struct model_shape_info *shape,
                          model_shape handle, const struct xml_node *node, json_t *object)
{
    if (shape->is_union && check_union(proto, shape, handle, node, object) != 0)
        return -1;
    return read_members(proto, shape, handle, node, object);
}

static int read_list(struct proto *proto, const struct model_shape_info *shape,
                     const struct xml_node *node, json_t *array)
{
    struct model_shape_info element;
    model_shape_info(proto->model, shape->element, &element);
    for (const struct xml_node *child = node->first_child; child != NULL; child = child->next) {
        if (read_element(proto, shape, &element, child, array) != 0)
            return -1;
    }
    return 0;
}

static int read_map(struct proto *proto, const struct model_shape_info *shape,
                    const struct xml_node *node, json_t *object)
{
    for (const struct xml_node *child = node->first_child; child != NULL; child = child->next) {
        if (read_entry(proto, shape, child, object) != 0)
            return -1;
    }
    return 0;
}

static int read_container(struct proto *proto, const struct model_shape_info *shape,
                          model_shape handle, const struct xml_node *node, json_t *whole)
{
    if (proto_enter(proto) != 0)
        return -1;
    int result = shape->type == MODEL_LIST  ? read_list(proto, shape, node, whole)
                 : shape->type == MODEL_MAP ? read_map(proto, shape, node, whole)
                                            : read_structure(proto, shape, handle, node, whole);
    proto_leave(proto);
    return result;
}

json_t *proto_xml_read(struct proto *proto, const struct model_shape_info *shape,
                       model_shape handle, const struct xml_node *node)
{
    if (shape->type != MODEL_STRUCTURE && shape->type != MODEL_LIST && shape->type != MODEL_MAP)
        return proto_scalar_read(proto, shape, node->text, node->text_length);
    json_t *whole = shape->type == MODEL_LIST ? json_array() : json_object();
    if (read_container(proto, shape, handle, node, whole) == 0)
        return whole;
    json_decref(whole);
    return NULL;
}

struct xml_document *proto_xml_parse(struct proto *proto, const struct http_response *response)
{
    struct xml_document *document =
        xml_parse(response->body != NULL ? response->body : "", response->body_length, proto->err);
    if (document == NULL) {
        err_prefix(proto->err, "the response to %s is not XML", proto->operation->name);
    } else if (strcasecmp(xml_root(document)->name, "html") == 0) {
        err_set(proto->err, ERR_PARSE, "the response to %s is an HTML page: did a proxy answer?",
                proto->operation->name);
        xml_free(document);
        document = NULL;
    }
    return document;
}
