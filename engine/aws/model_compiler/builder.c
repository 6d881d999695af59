#include "aws/model_compiler/builder.h"

#include <string.h>

#include "aws/model/model_format.h"
#include "aws/model_compiler/pool.h"

const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

void builder_init(struct builder *builder, const json_t *model, const json_t *pagination)
{
    memset(builder, 0, sizeof *builder);
    builder->model = model;
    builder->shapes_in = json_object_get(model, "shapes");
    builder->pagination = pagination;
    builder->handles = json_object();
    builder->routes = json_object();
    pool_init(&builder->pool);
#define INIT(section, type) buf_init(&builder->section, MODEL_FILE_MAX);
    BUILDER_EACH_SECTION(INIT)
#undef INIT
}

void builder_clear(struct builder *builder)
{
    json_decref(builder->handles);
    json_decref(builder->routes);
    pool_clear(&builder->pool);
#define CLEAR(section, type) buf_clear(&builder->section);
    BUILDER_EACH_SECTION(CLEAR)
#undef CLEAR
}

int shape_handle(struct builder *builder, const json_t *reference, uint32_t *handle,
                 struct err *err)
{
    *handle = MODEL_NOTHING;
    if (reference == NULL)
        return 0;
    const char *name = text_of(reference, "shape");
    const json_t *known = json_object_get(builder->handles, name);
    if (known != NULL) {
        *handle = (uint32_t)json_integer_value(known);
        return 0;
    }
    if (!json_is_object(json_object_get(builder->shapes_in, name)))
        return err_set(err, ERR_PARSE, "there is no shape \"%s\"", name);
    *handle = BUILDER_COUNT(builder, shapes, struct model_file_shape);
    struct model_file_shape shape = {.name = pool_add(&builder->pool, name),
                                     .traits = MODEL_NOTHING};
    buf_add(&builder->shapes, &shape, sizeof shape);
    json_object_set_new_nocheck(builder->handles, name, json_integer(*handle));
    return 0;
}
