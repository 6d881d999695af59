/* Completion for the operations that the policies declare; any other operation can be called as
 * well. */
#include "generate/generate_types.h"

#include <string.h>

#include "aws/model/model_open.h"
#include "base/mem.h"
#include "generate/generate_keys.h"
#include "generate/generate_shapes.h"
#include "value/json.h"

/* {"sqs": {"ListQueues": true…}…}, with the names that Lua uses: '-' becomes '_'. */
static void add_operations(json_t *services, const json_t *permissions)
{
    size_t i, j;
    json_t *permission, *operation;
    json_array_foreach (permissions, i, permission) {
        json_array_foreach (json_object_get(permission, "operations"), j, operation) {
            const char *text = json_string_value(operation);
            const char *colon = strchr(text, ':');
            char *service = mem_strndup(text, (size_t)(colon - text));
            for (char *c = service; *c != '\0'; c++)
                *c = *c == '-' ? '_' : *c;
            json_object_set_new(generate_member(services, service), colon + 1, json_true());
            mem_free(service);
        }
    }
}

static void add_operation(struct generate_shapes *shapes, const char *service, const char *name,
                          struct buf *out)
{
    struct err ignored = {0};
    struct model_operation_info info = {.input = MODEL_NO_SHAPE, .output = MODEL_NO_SHAPE};
    model_operation operation;
    if (shapes->model != NULL &&
        model_find_operation(shapes->model, name, &operation, &ignored) == 0)
        model_operation_info(shapes->model, operation, &info);
    buf_addf(out, "---@field %s fun(self: engine.aws.%s, params?: ", name, service);
    generate_shapes_name(shapes, info.input, out);
    buf_adds(out, "): ");
    generate_shapes_name(shapes, info.output, out);
    buf_addc(out, '\n');
}

static void add_service(struct buf *out, struct model_set *models, const char *service,
                        json_t *operations)
{
    struct err ignored = {0};
    const char **names = generate_sorted_keys(operations);
    struct generate_shapes shapes = {
        .model = models != NULL ? model_open(models, service, &ignored) : NULL, .service = service};
    buf_addf(out, "\n---@class engine.aws.%s: engine.Service\n", service);
    for (const char **name = names; *name != NULL; name++)
        add_operation(&shapes, service, *name, out);
    generate_shapes_write(&shapes, out);
    mem_free(names);
}

void generate_types(const struct generate_input *input, struct model_set *models, struct buf *out)
{
    json_t *services = json_object();
    for (size_t i = 0; i < input->count; i++) {
        const json_t *permissions = json_object_get(input->policies[i]->meta, "permissions");
        add_operations(services, json_object_get(permissions, "read"));
        add_operations(services, json_object_get(permissions, "write"));
    }
    const char **names = generate_sorted_keys(services);
    buf_adds(out, "\n-- Services whose operations the policies declare.\n\n---@class engine.Aws\n");
    for (const char **name = names; *name != NULL; name++)
        buf_addf(out, "---@field %s engine.aws.%s\n", *name, *name);
    for (const char **name = names; *name != NULL; name++)
        add_service(out, models, *name, json_object_get(services, *name));
    mem_free(names);
    json_decref(services);
}
