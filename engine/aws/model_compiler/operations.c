#include "aws/model_compiler/operations.h"

#include <stdlib.h>
#include <string.h>

#include "aws/model_compiler/builder.h"
#include "aws/model_compiler/endpoints.h"
#include "aws/model_compiler/members.h"
#include "aws/model_compiler/paginators.h"
#include "aws/model_compiler/pool.h"
#include "aws/model_compiler/shapes.h"
#include "base/mem.h"

static bool is_set(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

static bool safe_method(const json_t *http)
{
    const char *method = text_of(http, "method");
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

static uint16_t operation_flags(const struct builder *builder, const json_t *operation)
{
    unsigned flags = 0;
    if (is_set(operation, "httpChecksumRequired") ||
        is_set(json_object_get(operation, "httpChecksum"), "requestChecksumRequired"))
        flags |= MODEL_OPERATION_CHECKSUM;
    if (is_set(operation, "idempotent") || safe_method(json_object_get(operation, "http")))
        flags |= MODEL_OPERATION_IDEMPOTENT;
    if (shape_streams_events(builder, json_object_get(operation, "input")) ||
        shape_streams_events(builder, json_object_get(operation, "output")))
        flags |= MODEL_OPERATION_EVENT_STREAM;
    if (is_set(operation, "readonly"))
        flags |= MODEL_OPERATION_READONLY;
    flags |= endpoints_route(builder, operation) << MODEL_OPERATION_ROUTE_SHIFT;
    return (uint16_t)flags;
}

/* The older trait names one authentication type, the newer trait lists several. A service may have
 * one type for all operations ("bearer", "v2"); it is stored if it is not Signature Version 4. */
static const char *auth_type(const struct builder *builder, const json_t *operation)
{
    const char *own = text_of(operation, "authtype");
    const json_t *types = json_object_get(operation, "auth");
    const char *type = json_string_value(json_array_get(types, 0));
    const json_t *metadata = json_object_get(builder->model, "metadata");
    const char *version = text_of(metadata, "signatureVersion");
    if (own[0] != '\0')
        return own;
    if (type != NULL && strcmp(type, "smithy.api#noAuth") == 0)
        return "none";
    if (is_set(operation, "unsignedPayload"))
        return "v4-unsigned-body";
    return strcmp(version, "bearer") == 0 || strcmp(version, "v2") == 0 ? version : "";
}

static int add_errors(struct builder *builder, const json_t *errors,
                      struct model_file_operation *record, struct err *err)
{
    size_t index;
    json_t *reference;
    record->first_error = BUILDER_COUNT(builder, errors, uint32_t);
    record->error_count = (uint16_t)json_array_size(errors);
    json_array_foreach (errors, index, reference) {
        uint32_t shape;
        if (shape_handle(builder, reference, &shape, err) != 0)
            return -1;
        buf_add(&builder->errors, &shape, sizeof shape);
    }
    return 0;
}

static void add_texts(struct builder *builder, const char *name, const json_t *operation,
                      struct model_file_operation *record)
{
    struct pool *pool = &builder->pool;
    const json_t *http = json_object_get(operation, "http");
    const json_t *input = json_object_get(operation, "input");
    const json_t *output = json_object_get(operation, "output");
    const json_t *endpoint = json_object_get(operation, "endpoint");
    record->name = pool_add(pool, name);
    record->method = pool_add(pool, text_of(http, "method"));
    record->uri = pool_add(pool, text_of(http, "requestUri"));
    record->host_prefix = pool_add(pool, text_of(endpoint, "hostPrefix"));
    record->result_wrapper = pool_add(pool, text_of(output, "resultWrapper"));
    record->auth_type = pool_add(pool, auth_type(builder, operation));
    record->input_xml_name = pool_add(pool, text_of(input, "locationName"));
    namespace_texts(builder, input, &record->input_xml_namespace, NULL);
}

static int add_operation(struct builder *builder, const char *name, const json_t *operation,
                         struct err *err)
{
    struct model_file_operation record = {.flags = operation_flags(builder, operation)};
    add_texts(builder, name, operation, &record);
    if (shape_handle(builder, json_object_get(operation, "input"), &record.input, err) != 0 ||
        shape_handle(builder, json_object_get(operation, "output"), &record.output, err) != 0 ||
        add_errors(builder, json_object_get(operation, "errors"), &record, err) != 0 ||
        shapes_add_all(builder, err) != 0 ||
        paginator_add(builder, name, &record.paginator, err) != 0)
        return err_prefix(err, "operation \"%s\"", name);
    buf_add(&builder->operations, &record, sizeof record);
    return 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int operations_add(struct builder *builder, struct err *err)
{
    json_t *operations = json_object_get(builder->model, "operations");
    size_t count = json_object_size(operations), next = 0;
    const char **names = mem_alloc((count + 1) * sizeof *names);
    const char *name;
    json_t *operation;
    json_object_foreach (operations, name, operation) {
        names[next++] = name;
    }
    qsort(names, count, sizeof *names, compare_names);
    int result = 0;
    for (size_t i = 0; i < count && result == 0; i++)
        result = add_operation(builder, names[i], json_object_get(operations, names[i]), err);
    mem_free(names);
    return result;
}
