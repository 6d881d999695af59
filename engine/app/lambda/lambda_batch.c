#include "app/lambda/lambda_batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "value/json.h"

#define AGAIN_S 30 /* for work that AWS may still be doing; doubled with each receive */
#define MOST_DOUBLINGS 5

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
    item->receipt = json_get_string(record, "receiptHandle", "");
    item->received = atoi(
        json_get_string(json_object_get(record, "attributes"), "ApproximateReceiveCount", "1"));
    if (strcmp(source, "aws:sqs") != 0)
        return err_set(err, ERR_PARSE, "the event contains a record of %.100s, not of aws:sqs",
                       source);
    if (item->id[0] == '\0')
        return err_set(err, ERR_PARSE, "the event contains a message without a messageId");
    return 0;
}

int batch_read(const json_t *event, struct batch *batch, struct err *err)
{
    const json_t *records = json_object_get(event, "Records");
    *batch =
        (struct batch){.queue = json_get_string(json_array_get(records, 0), "eventSourceARN", "")};
    if (!json_is_array(records))
        return err_set(err, ERR_PARSE, "the event is not an SQS batch: it has no \"Records\"");
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

static int again_s(const struct batch_item *item)
{
    int doublings = item->received > 1 ? item->received - 1 : 0;
    return AGAIN_S << (doublings < MOST_DOUBLINGS ? doublings : MOST_DOUBLINGS);
}

static json_t *later_entry(const struct batch_item *item, size_t index, int64_t left_ms)
{
    char id[24];
    int64_t left_s = left_ms > 0 ? (left_ms + 999) / 1000 : 0;
    snprintf(id, sizeof id, "%zu", index);
    return json_pack("{s:s, s:s, s:I}", "Id", id, "ReceiptHandle", item->receipt,
                     "VisibilityTimeout", (json_int_t)(left_s + again_s(item)));
}

json_t *batch_later(const struct batch *batch, int64_t left_ms)
{
    json_t *entries = json_array();
    for (size_t i = 0; i < batch->count; i++) {
        const struct batch_item *item = &batch->items[i];
        if (!item->done && item->receipt[0] != '\0')
            json_array_append_new(entries, later_entry(item, i, left_ms));
    }
    return entries;
}
