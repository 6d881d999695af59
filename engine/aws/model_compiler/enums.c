#include "aws/model_compiler/enums.h"

#include "aws/model/model.h"
#include "aws/model/model_format.h"
#include "aws/model_compiler/builder.h"
#include "aws/model_compiler/pool.h"

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
    for (uint32_t i = 0; i < count; i++) {
        if (shapes[i].type == MODEL_STRING)
            add_enum(builder, &shapes[i]);
    }
}
