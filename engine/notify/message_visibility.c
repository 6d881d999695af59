#include "notify/message_visibility.h"

#include "base/log.h"
#include "base/mem.h"
#include "notify/message.h"
#include "notify/message_internal.h"
#include "notify/message_url.h"
#include "value/json.h"

#define BATCH_ITEMS 10

static void warn(const char *why)
{
    log_warn("messages of unfinished work will be delivered again after the queue's own visibility "
             "timeout: %s",
             why);
}

static void answered(void *arg, json_t *result, const struct err *err)
{
    (void)arg;
    const json_t *failed = json_array_get(json_object_get(result, "Failed"), 0);
    if (err != NULL)
        warn(err->message);
    else if (failed != NULL)
        warn(json_get_string(failed, "Message", json_get_string(failed, "Code", "refused")));
}

static void send(struct message *message, const char *url, const char *region, json_t *entries)
{
    struct message_order order = {.region = region,
                                  .service = "sqs",
                                  .operation = "ChangeMessageVisibilityBatch",
                                  .params =
                                      json_pack("{s:s, s:o}", "QueueUrl", url, "Entries", entries),
                                  .done = answered};
    message_send(message, &order);
}

static void send_all(struct message *message, const char *url, const char *region,
                     const json_t *entries)
{
    json_t *batch = json_array();
    size_t i;
    json_t *entry;
    json_array_foreach (entries, i, entry) {
        json_array_append(batch, entry);
        if (json_array_size(batch) < BATCH_ITEMS && i + 1 < json_array_size(entries))
            continue;
        send(message, url, region, batch);
        batch = json_array();
    }
    json_decref(batch);
}

void message_show_later(struct message *message, const char *queue, json_t *entries)
{
    char region[64];
    struct err err = {0};
    char *url =
        json_array_size(entries) > 0 ? message_queue_url(message, queue, region, &err) : NULL;
    if (url != NULL)
        send_all(message, url, region, entries);
    else if (json_array_size(entries) > 0)
        warn(err.message);
    mem_free(url);
    json_decref(entries);
}
