#include "aws/model_compiler/paginators.h"

#include "aws/model_compiler/builder.h"
#include "aws/model_compiler/pool.h"

static int add_texts(struct builder *builder, const json_t *value, const char *key,
                     model_text out[MODEL_FILE_TOKENS], uint32_t *count, struct err *err)
{
    const json_t *texts = json_object_get(value, key);
    *count = 0;
    if (json_is_string(texts)) {
        out[(*count)++] = pool_add(&builder->pool, json_string_value(texts));
        return 0;
    }
    if (json_array_size(texts) > MODEL_FILE_TOKENS)
        return err_set(err, ERR_LIMIT, "%s: more than %d", key, MODEL_FILE_TOKENS);
    size_t index;
    json_t *text;
    json_array_foreach (texts, index, text) {
        out[(*count)++] = pool_add(&builder->pool, json_string_value(text));
    }
    return 0;
}

static int add_record(struct builder *builder, const json_t *value, struct err *err)
{
    struct model_file_paginator record = {
        .more_results = pool_add(&builder->pool, text_of(value, "more_results")),
        .limit_key = pool_add(&builder->pool, text_of(value, "limit_key")),
    };
    uint32_t outputs;
    if (add_texts(builder, value, "input_token", record.input_token, &record.token_count, err) ||
        add_texts(builder, value, "output_token", record.output_token, &outputs, err) ||
        add_texts(builder, value, "result_key", record.result_key, &record.result_count, err))
        return -1;
    if (record.token_count != outputs)
        return err_set(err, ERR_PARSE,
                       "the number of output tokens must equal the number of input tokens");
    buf_add(&builder->paginators, &record, sizeof record);
    return 0;
}

int paginator_add(struct builder *builder, const char *operation, uint32_t *paginator,
                  struct err *err)
{
    const json_t *pages = json_object_get(builder->pagination, "pagination");
    const json_t *value = json_object_get(pages, operation);
    *paginator = MODEL_NOTHING;
    if (value == NULL)
        return 0;
    *paginator = BUILDER_COUNT(builder, paginators, struct model_file_paginator);
    if (add_record(builder, value, err) != 0)
        return err_prefix(err, "paginator");
    return 0;
}
