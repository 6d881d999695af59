#include "aws/model/model.h"

#include <string.h>

#include "aws/model/model_format.h"
#include "aws/model/model_internal.h"
#include "aws/model/model_map.h"
#include "base/suggest.h"

_Static_assert(MODEL_FILE_TOKENS == MODEL_MAX_TOKENS, "the file holds what the interface promises");
_Static_assert(MODEL_NOTHING == MODEL_NO_SHAPE, "absent shapes are passed on unchanged");

const struct model_info *model_info(const struct model *model)
{
    return &model->info;
}

size_t model_operation_count(const struct model *model)
{
    return model->header->operations.count;
}

model_operation model_operation_at(const struct model *model, size_t index)
{
    (void)model;
    return (model_operation)index;
}

static const struct model_file_operation *operation_at(const struct model *model,
                                                       model_operation operation)
{
    static const struct model_file_operation none = {
        .input = MODEL_NOTHING, .output = MODEL_NOTHING, .paginator = MODEL_NOTHING};
    const struct model_file_operation *found =
        MODEL_RECORD(model, operations, struct model_file_operation, operation);
    return found != NULL ? found : &none;
}

static const char *operation_name(const struct model *model, size_t index)
{
    return model_text_at(model, operation_at(model, (model_operation)index)->name);
}

static int no_operation(const struct model *model, const char *name, struct err *err)
{
    struct suggest suggest;
    char hint[SUGGEST_TEXT];
    suggest_init(&suggest, name);
    for (size_t i = 0; i < model_operation_count(model); i++)
        suggest_offer(&suggest, operation_name(model, i));
    suggest_text(&suggest, hint);
    if (hint[0] == '\0')
        return err_set(err, ERR_PARAM,
                       "%s has no operation \"%s\" (engine models --show %s lists them)",
                       model->info.name, name, model->info.name);
    return err_set(err, ERR_PARAM, "%s has no operation \"%s\"%s", model->info.name, name, hint);
}

int model_find_operation(const struct model *model, const char *name, model_operation *operation,
                         struct err *err)
{
    size_t low = 0, high = model_operation_count(model);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, operation_name(model, middle));
        if (order == 0) {
            *operation = (model_operation)middle;
            return 0;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return no_operation(model, name, err);
}

void model_operation_info(const struct model *model, model_operation operation,
                          struct model_operation_info *info)
{
    const struct model_file_operation *record = operation_at(model, operation);
    info->name = model_text_at(model, record->name);
    info->http_method = model_text_at(model, record->method);
    info->request_uri = model_text_at(model, record->uri);
    info->host_prefix = model_text_at(model, record->host_prefix);
    info->result_wrapper = model_text_at(model, record->result_wrapper);
    info->auth_type = model_text_at(model, record->auth_type);
    info->input = record->input;
    info->output = record->output;
    info->input_xml_name = model_text_at(model, record->input_xml_name);
    info->input_xml_namespace = model_text_at(model, record->input_xml_namespace);
    info->checksum_required = (record->flags & MODEL_OPERATION_CHECKSUM) != 0;
    info->idempotent = (record->flags & MODEL_OPERATION_IDEMPOTENT) != 0;
    info->event_stream = (record->flags & MODEL_OPERATION_EVENT_STREAM) != 0;
    info->readonly_trait = (record->flags & MODEL_OPERATION_READONLY) != 0;
}

size_t model_error_count(const struct model *model, model_operation operation)
{
    return operation_at(model, operation)->error_count;
}

void model_error_at(const struct model *model, model_operation operation, size_t index,
                    struct model_error *error)
{
    const struct model_file_operation *record = operation_at(model, operation);
    const uint32_t *shape = NULL;
    if (index < record->error_count)
        shape = MODEL_RECORD(model, errors, uint32_t, record->first_error + index);
    const struct model_file_shape *found =
        shape != NULL ? MODEL_RECORD(model, shapes, struct model_file_shape, *shape) : NULL;
    const struct model_file_traits *traits =
        found != NULL ? MODEL_RECORD(model, traits, struct model_file_traits, found->traits) : NULL;
    error->shape = found != NULL ? *shape : MODEL_NO_SHAPE;
    error->shape_name = found != NULL ? model_text_at(model, found->name) : "";
    error->status = traits != NULL ? (int)traits->error_status : 0;
    error->code = traits != NULL ? model_text_at(model, traits->error_code) : "";
    if (error->code[0] == '\0')
        error->code = error->shape_name;
}

static void texts_at(const struct model *model, const model_text from[MODEL_FILE_TOKENS],
                     const char *to[MODEL_MAX_TOKENS])
{
    for (size_t i = 0; i < MODEL_MAX_TOKENS; i++)
        to[i] = model_text_at(model, from[i]);
}

static size_t at_most_tokens(uint32_t count)
{
    return count < MODEL_MAX_TOKENS ? count : MODEL_MAX_TOKENS;
}

bool model_paginator(const struct model *model, model_operation operation,
                     struct model_paginator *paginator)
{
    uint32_t index = operation_at(model, operation)->paginator;
    const struct model_file_paginator *record =
        MODEL_RECORD(model, paginators, struct model_file_paginator, index);
    if (record == NULL)
        return false;
    texts_at(model, record->input_token, paginator->input_token);
    texts_at(model, record->output_token, paginator->output_token);
    texts_at(model, record->result_key, paginator->result_key);
    paginator->token_count = at_most_tokens(record->token_count);
    paginator->result_count = at_most_tokens(record->result_count);
    paginator->more_results = model_text_at(model, record->more_results);
    paginator->limit_key = model_text_at(model, record->limit_key);
    return true;
}
