#include "app/lambda_batch.h"

#include <string.h>

#include "base/mem.h"
#include "value/json.h"

bool batch_is(const json_t *event)
{
    return json_is_array(json_object_get(event, "Records"));
}

static int read_item(const json_t *record, struct batch_item *item, struct err *err)
{
    const json_t *body = json_object_get(record, "body");
    const char *source = json_get_string(record, "eventSource", "aws:sqs");
    item->id = json_get_string(record, "messageId", "");
    item->body = json_is_string(body) ? json_string_value(body) : "";
    item->length = json_string_length(body);
    if (strcmp(source, "aws:sqs") != 0)
        return err_set(err, ERR_PARSE, "the event holds a record of %.100s, not of aws:sqs",
                       source);
    if (item->id[0] == '\0')
        return err_set(err, ERR_PARSE, "the event holds a message without messageId");
    return 0;
}

int batch_read(const json_t *event, struct batch *batch, struct err *err)
{
    const json_t *records = json_object_get(event, "Records");
    *batch = (struct batch){0};
    if (!json_is_array(records))
        return err_set(err, ERR_PARSE, "the event is no batch of a queue: it lacks \"Records\"");
    size_t count = json_array_size(records);
    batch->items = mem_alloc((count + 1) * sizeof *batch->items);
    for (batch->count = 0; batch->count < count; batch->count++) {
        const json_t *record = json_array_get(records, batch->count);
        if (read_item(record, &batch->items[batch->count], err) != 0) {
            batch_clear(batch);
            return -1;
        }
    }
    return 0;
}

void batch_clear(struct batch *batch)
{
    mem_free(batch->items);
    *batch = (struct batch){0};
}

json_t *batch_reply(const struct batch *batch)
{
    json_t *failures = json_array();
    for (size_t i = 0; i < batch->count; i++) {
        if (!batch->items[i].done)
            json_array_append_new(failures,
                                  json_pack("{s:s}", "itemIdentifier", batch->items[i].id));
    }
    return json_pack("{s:o}", "batchItemFailures", failures);
}
