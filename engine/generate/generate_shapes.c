#include "generate/generate_shapes.h"

#include <ctype.h>
#include <string.h>

#include "aws/model/model_shape.h"
#include "base/mem.h"

/* Longer lists of values would hide the rest of what an editor shows. */
#define MOST_VALUES 12

static void remember(struct generate_shapes *shapes, model_shape shape)
{
    for (size_t i = 0; i < shapes->count; i++) {
        if (shapes->shapes[i] == shape)
            return;
    }
    shapes->shapes = mem_resize(shapes->shapes, (shapes->count + 1) * sizeof *shapes->shapes);
    shapes->shapes[shapes->count++] = shape;
}

static void add_text(const struct generate_shapes *shapes, model_shape shape,
                     const struct model_shape_info *info, struct buf *out)
{
    if (info->enum_count == 0 || info->enum_count > MOST_VALUES) {
        buf_adds(out, "string");
        return;
    }
    buf_addc(out, '(');
    for (size_t i = 0; i < info->enum_count; i++)
        buf_addf(out, "%s\"%s\"", i > 0 ? "|" : "", model_enum_at(shapes->model, shape, i));
    buf_addc(out, ')');
}

static void add_scalar(enum model_type type, struct buf *out)
{
    switch (type) {
    case MODEL_BOOLEAN: buf_adds(out, "boolean"); break;
    case MODEL_INTEGER:
    case MODEL_LONG: buf_adds(out, "integer"); break;
    case MODEL_FLOAT:
    case MODEL_DOUBLE:
    case MODEL_TIMESTAMP: buf_adds(out, "number"); break;
    case MODEL_BLOB: buf_adds(out, "string"); break;
    default: buf_adds(out, "any"); break;
    }
}

static void add_type(struct generate_shapes *shapes, model_shape shape, struct buf *out)
{
    struct model_shape_info info;
    model_shape_info(shapes->model, shape, &info);
    switch (info.type) {
    case MODEL_STRUCTURE:
        remember(shapes, shape);
        buf_addf(out, "engine.aws.%s.%s", shapes->service, info.name);
        break;
    case MODEL_LIST:
        add_type(shapes, info.element, out);
        buf_adds(out, "[]");
        break;
    case MODEL_MAP:
        buf_adds(out, "table<string, ");
        add_type(shapes, info.element, out);
        buf_addc(out, '>');
        break;
    case MODEL_STRING: add_text(shapes, shape, &info, out); break;
    default: add_scalar(info.type, out); break;
    }
}

void generate_shapes_name(struct generate_shapes *shapes, model_shape shape, struct buf *out)
{
    if (shapes->model == NULL || shape == MODEL_NO_SHAPE)
        buf_adds(out, "table");
    else
        add_type(shapes, shape, out);
}

static bool is_name(const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (!isalnum((unsigned char)*c) && *c != '_')
            return false;
    }
    return !isdigit((unsigned char)text[0]);
}

static void add_field(struct generate_shapes *shapes, const struct model_member *member,
                      struct buf *out)
{
    const char *optional = member->required ? "" : "?";
    if (is_name(member->name))
        buf_addf(out, "---@field %s%s ", member->name, optional);
    else
        buf_addf(out, "---@field [\"%s\"]%s ", member->name, optional);
    add_type(shapes, member->shape, out);
    buf_addc(out, '\n');
}

/* Its fields may name more structures, which then follow. */
static void add_class(struct generate_shapes *shapes, model_shape shape, struct buf *out)
{
    struct model_shape_info info;
    model_shape_info(shapes->model, shape, &info);
    buf_addf(out, "\n---@class engine.aws.%s.%s\n", shapes->service, info.name);
    for (size_t i = 0; i < info.member_count; i++) {
        struct model_member member;
        model_member_at(shapes->model, shape, i, &member);
        add_field(shapes, &member, out);
    }
}

void generate_shapes_write(struct generate_shapes *shapes, struct buf *out)
{
    for (size_t i = 0; i < shapes->count; i++)
        add_class(shapes, shapes->shapes[i], out);
    mem_free(shapes->shapes);
    *shapes = (struct generate_shapes){0};
}
