#include "aws/model_compiler/shapes.h"

#include <string.h>

#include "aws/model/model.h"
#include "aws/model/model_format.h"
#include "aws/model_compiler/builder.h"
#include "aws/model_compiler/members.h"
#include "aws/model_compiler/pool.h"

static bool is_set(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

static int type_named(const char *name, uint8_t *type)
{
    static const struct {
        const char *name;
        enum model_type type;
    } types[] = {
        {"structure", MODEL_STRUCTURE}, {"list", MODEL_LIST},           {"map", MODEL_MAP},
        {"string", MODEL_STRING},       {"blob", MODEL_BLOB},           {"boolean", MODEL_BOOLEAN},
        {"integer", MODEL_INTEGER},     {"long", MODEL_LONG},           {"float", MODEL_FLOAT},
        {"double", MODEL_DOUBLE},       {"timestamp", MODEL_TIMESTAMP}, {"character", MODEL_STRING},
        {"bigdecimal", MODEL_DOUBLE},   {"biginteger", MODEL_LONG},     {"short", MODEL_INTEGER},
        {"byte", MODEL_INTEGER},
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(types[i].name, name) == 0) {
            *type = (uint8_t)types[i].type;
            return 0;
        }
    }
    return -1;
}

static uint16_t shape_flags(const json_t *source)
{
    static const struct {
        const char *key;
        enum model_shape_flag flag;
    } flags[] = {
        {"flattened", MODEL_SHAPE_FLATTENED}, {"sparse", MODEL_SHAPE_SPARSE},
        {"streaming", MODEL_SHAPE_STREAMING}, {"union", MODEL_SHAPE_UNION},
        {"document", MODEL_SHAPE_DOCUMENT},   {"exception", MODEL_SHAPE_ERROR},
        {"sensitive", MODEL_SHAPE_SENSITIVE},
    };
    unsigned found = 0;
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (is_set(source, flags[i].key))
            found |= flags[i].flag;
    }
    return (uint16_t)found;
}

static bool has_traits(const struct model_file_traits *traits)
{
    static const struct model_file_traits none;
    return memcmp(traits, &none, sizeof none) != 0;
}

static uint32_t add_traits(struct builder *builder, const json_t *source)
{
    struct pool *pool = &builder->pool;
    const json_t *element = json_object_get(source, "member");
    const json_t *error = json_object_get(source, "error");
    if (element == NULL)
        element = json_object_get(source, "value");
    struct model_file_traits traits = {
        .element_name = pool_add(pool, text_of(element, "locationName")),
        .key_name = pool_add(pool, text_of(json_object_get(source, "key"), "locationName")),
        .payload = pool_add(pool, text_of(source, "payload")),
        .xml_name = pool_add(pool, text_of(source, "locationName")),
        .error_code = pool_add(pool, text_of(error, "code")),
        .error_status = (uint32_t)json_integer_value(json_object_get(error, "httpStatusCode")),
    };
    namespace_texts(builder, source, &traits.xml_namespace, &traits.xml_prefix);
    namespace_texts(builder, element, &traits.element_namespace, NULL);
    if (!has_traits(&traits))
        return MODEL_NOTHING;
    uint32_t index = BUILDER_COUNT(builder, traits, struct model_file_traits);
    buf_add(&builder->traits, &traits, sizeof traits);
    return index;
}

static int add_contents(struct builder *builder, const json_t *source,
                        struct model_file_shape *shape, struct err *err)
{
    switch ((enum model_type)shape->type) {
    case MODEL_STRUCTURE: return members_add(builder, source, shape, err);
    case MODEL_LIST:
        return shape_handle(builder, json_object_get(source, "member"), &shape->first, err);
    case MODEL_MAP:
        if (shape_handle(builder, json_object_get(source, "value"), &shape->first, err) != 0)
            return -1;
        return shape_handle(builder, json_object_get(source, "key"), &shape->second, err);
    default: return 0;
    }
}

/* The record may move while its contents are added, so a copy is filled. */
static int add_shape(struct builder *builder, size_t index, struct err *err)
{
    struct model_file_shape shape;
    size_t at = index * sizeof shape;
    memcpy(&shape, builder->shapes.data + at, sizeof shape);
    const char *name = builder->pool.bytes.data + shape.name;
    const json_t *source = json_object_get(builder->shapes_in, name);
    if (type_named(text_of(source, "type"), &shape.type) != 0)
        return err_set(err, ERR_PARSE, "shape \"%s\" has an unknown type \"%s\"", name,
                       text_of(source, "type"));
    shape.flags = shape_flags(source);
    if (shape.flags & MODEL_SHAPE_DOCUMENT)
        shape.type = MODEL_DOCUMENT;
    shape.time = time_format(source);
    shape.traits = add_traits(builder, source);
    if (add_contents(builder, source, &shape, err) != 0)
        return err_prefix(err, "shape \"%s\"", builder->pool.bytes.data + shape.name);
    memcpy(builder->shapes.data + at, &shape, sizeof shape);
    return 0;
}

int shapes_add_all(struct builder *builder, struct err *err)
{
    while (builder->shapes_added < BUILDER_COUNT(builder, shapes, struct model_file_shape)) {
        if (add_shape(builder, builder->shapes_added, err) != 0)
            return -1;
        builder->shapes_added++;
    }
    return 0;
}

/* Does the shape directly hold a sensitive or guarded value? */
static bool holds_guarded(const struct builder *builder, const struct model_file_shape *shape)
{
    const struct model_file_shape *shapes = (const void *)builder->shapes.data;
    const struct model_file_member *members = (const void *)builder->members.data;
    if (shape->type == MODEL_LIST || shape->type == MODEL_MAP)
        return shapes[shape->first].flags & MODEL_SHAPE_GUARDED;
    for (uint32_t i = 0; shape->type == MODEL_STRUCTURE && i < shape->second; i++) {
        const struct model_file_member *member = &members[shape->first + i];
        if ((member->flags & MODEL_MEMBER_SENSITIVE) != 0 ||
            (shapes[member->shape].flags & MODEL_SHAPE_GUARDED) != 0)
            return true;
    }
    return false;
}

void shapes_guard(struct builder *builder)
{
    struct model_file_shape *shapes = (void *)builder->shapes.data;
    uint32_t count = BUILDER_COUNT(builder, shapes, struct model_file_shape);
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = 0; i < count; i++) {
            if ((shapes[i].flags & MODEL_SHAPE_GUARDED) == 0 &&
                ((shapes[i].flags & MODEL_SHAPE_SENSITIVE) != 0 ||
                 holds_guarded(builder, &shapes[i]))) {
                shapes[i].flags |= MODEL_SHAPE_GUARDED;
                changed = true;
            }
        }
    }
}

bool shape_streams_events(const struct builder *builder, const json_t *reference)
{
    const json_t *shape = json_object_get(builder->shapes_in, text_of(reference, "shape"));
    const char *key;
    json_t *member;
    json_object_foreach (json_object_get(shape, "members"), key, member) {
        const char *name = text_of(member, "shape");
        if (is_set(json_object_get(builder->shapes_in, name), "eventstream"))
            return true;
    }
    return false;
}
