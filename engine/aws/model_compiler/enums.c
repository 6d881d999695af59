#include "aws/model_compiler/enums.h"

#include <string.h>

#include "aws/model/model.h"
#include "aws/model/model_format.h"
#include "aws/model_compiler/builder.h"
#include "aws/model_compiler/pool.h"
#include "base/mem.h"

/* The shapes still to be visited: each is added once. */
struct reach {
    const struct builder *builder;
    bool *reached;
    uint32_t *queue;
    size_t count;
};

static void reach_shape(struct reach *reach, uint32_t shape)
{
    if (shape == MODEL_NOTHING || reach->reached[shape])
        return;
    reach->reached[shape] = true;
    reach->queue[reach->count++] = shape;
}

static void reach_inner(struct reach *reach, const struct model_file_shape *shape)
{
    const struct model_file_member *members = (const void *)reach->builder->members.data;
    bool map = shape->type == MODEL_MAP;
    if (map || shape->type == MODEL_LIST)
        reach_shape(reach, shape->first);
    if (map)
        reach_shape(reach, shape->second);
    for (uint32_t i = 0; shape->type == MODEL_STRUCTURE && i < shape->second; i++)
        reach_shape(reach, members[shape->first + i].shape);
}

static void reach_inputs(struct reach *reach)
{
    const struct builder *builder = reach->builder;
    const struct model_file_operation *operations = (const void *)builder->operations.data;
    const struct model_file_shape *shapes = (const void *)builder->shapes.data;
    uint32_t count = BUILDER_COUNT(builder, operations, struct model_file_operation);
    for (uint32_t i = 0; i < count; i++)
        reach_shape(reach, operations[i].input);
    for (size_t next = 0; next < reach->count; next++)
        reach_inner(reach, &shapes[reach->queue[next]]);
}

static void add_enum(struct builder *builder, struct model_file_shape *shape)
{
    const char *name = builder->pool.bytes.data + shape->name;
    const json_t *values = json_object_get(json_object_get(builder->shapes_in, name), "enum");
    size_t index;
    json_t *value;
    shape->first = BUILDER_COUNT(builder, enums, model_text);
    shape->second = (uint32_t)json_array_size(values);
    json_array_foreach (values, index, value) {
        model_text text = pool_add(&builder->pool, json_string_value(value));
        buf_add(&builder->enums, &text, sizeof text);
    }
}

void enums_add(struct builder *builder)
{
    struct model_file_shape *shapes = (void *)builder->shapes.data;
    uint32_t count = BUILDER_COUNT(builder, shapes, struct model_file_shape);
    struct reach reach = {.builder = builder,
                          .reached = mem_alloc((count + 1) * sizeof *reach.reached),
                          .queue = mem_alloc((count + 1) * sizeof *reach.queue)};
    reach_inputs(&reach);
    for (uint32_t i = 0; i < count; i++) {
        if (reach.reached[i] && shapes[i].type == MODEL_STRING)
            add_enum(builder, &shapes[i]);
    }
    mem_free(reach.queue);
    mem_free(reach.reached);
}
