#include "notify/message_queue.h"

#include <stdio.h>
#include <string.h>

#include "aws/retry/retry.h"
#include "base/digest.h"
#include "base/mem.h"
#include "notify/message.h"
#include "notify/message_internal.h"
#include "notify/message_url.h"
#include "value/json.h"

#define BATCH_ITEMS 10
#define BATCH_BYTES (256u * 1024)
#define BATCHES_AHEAD 8
#define ATTEMPTS 4   /* for each item */
#define RETRY_MS 250 /* doubled each time */

struct item {
    char *body;
    size_t length;
    int delay_s;
    int attempts; /* so far */
    char group[16];
};

struct batch {
    struct message_queue *queue;
    struct item items[BATCH_ITEMS];
    size_t count, bytes;
    struct batch *next, **link;
};

struct message_queue {
    struct message_part part; /* first: the message drops it */
    struct message *message;
    char *url;
    char region[64];
    bool fifo;
    struct batch *open;      /* still being filled; NULL: none */
    struct batch *in_flight; /* sent, without a response */
    size_t flights;
    size_t lost;
    struct err first; /* why the first item was lost */
    bool closing;
    message_done done;
    void *arg;
    struct loop_timer *closer;
};

static bool is_fifo(const char *url)
{
    size_t length = strlen(url);
    return length >= 5 && strcmp(url + length - 5, ".fifo") == 0;
}

static void batch_free(struct batch *batch)
{
    if (batch == NULL)
        return;
    for (size_t i = 0; i < batch->count; i++)
        mem_free(batch->items[i].body);
    mem_free(batch);
}

static void remove_batch(struct batch *batch)
{
    *batch->link = batch->next;
    if (batch->next != NULL)
        batch->next->link = batch->link;
    batch->queue->flights--;
    batch_free(batch);
}

/* Ends the queue: after close, or with its message. */
static void drop(struct message_part *part)
{
    struct message_queue *queue = (struct message_queue *)(void *)part;
    while (queue->in_flight != NULL)
        remove_batch(queue->in_flight);
    batch_free(queue->open);
    loop_cancel(queue->message->loop, queue->closer);
    message_release(part);
    mem_free(queue->url);
    mem_free(queue);
}

struct message_queue *message_queue_open(struct message *message, const char *url_or_arn,
                                         struct err *err)
{
    char region[64];
    char *url = message_queue_url(message, url_or_arn, region, err);
    if (url == NULL)
        return NULL;
    struct message_queue *queue = mem_alloc(sizeof *queue);
    queue->message = message;
    queue->url = url;
    queue->fifo = is_fifo(url);
    memcpy(queue->region, region, sizeof region);
    queue->part.drop = drop;
    message_hold(message, &queue->part);
    return queue;
}

static void finish(void *arg)
{
    struct message_queue *queue = arg;
    message_done done = queue->done;
    void *done_arg = queue->arg;
    struct err err = queue->first;
    size_t lost = queue->lost;
    if (lost > 0)
        err_prefix(&err, "%zu line%s not delivered to %s", lost, lost == 1 ? " was" : "s were",
                   queue->url);
    queue->closer = NULL;
    drop(&queue->part);
    done(done_arg, lost > 0 ? &err : NULL);
}

static void settle(struct message_queue *queue)
{
    if (queue->closing && queue->flights == 0 && queue->closer == NULL)
        queue->closer = loop_after(queue->message->loop, 0, finish, queue);
}

static void lose(struct message_queue *queue, const struct err *err)
{
    if (queue->lost++ == 0)
        queue->first = *err;
}

static json_t *entry_of(const struct message_queue *queue, const struct item *item, size_t index)
{
    char id[24];
    unsigned char digest[SHA256_BYTES];
    char hex[SHA256_HEX];
    snprintf(id, sizeof id, "%zu", index);
    json_t *entry = json_pack("{s:s, s:s%}", "Id", id, "MessageBody", item->body, item->length);
    if (!queue->fifo) {
        /* A zero would override the delay of the queue. */
        if (item->delay_s > 0)
            json_object_set_new(entry, "DelaySeconds", json_integer(item->delay_s));
        return entry;
    }
    digest_sha256(item->body, item->length, digest);
    digest_hex(digest, sizeof digest, hex);
    json_object_set_new(entry, "MessageGroupId", json_string(item->group));
    json_object_set_new(entry, "MessageDeduplicationId", json_string(hex));
    return entry;
}

static void batch_answered(void *arg, json_t *result, const struct err *err);

static void send(struct batch *batch, int64_t delay_ms)
{
    struct message_queue *queue = batch->queue;
    json_t *entries = json_array();
    for (size_t i = 0; i < batch->count; i++)
        json_array_append_new(entries, entry_of(queue, &batch->items[i], i));
    batch->next = queue->in_flight;
    batch->link = &queue->in_flight;
    if (batch->next != NULL)
        batch->next->link = &batch->next;
    queue->in_flight = batch;
    queue->flights++;
    struct message_order order = {
        .region = queue->region,
        .service = "sqs",
        .operation = "SendMessageBatch",
        .params = json_pack("{s:s, s:o}", "QueueUrl", queue->url, "Entries", entries),
        .delay_ms = delay_ms,
        .done = batch_answered,
        .arg = batch};
    message_send(queue->message, &order);
}

/* Retries one item alone. A duplicate is harmless: the work is done again. */
static void retry(struct message_queue *queue, struct item *item, const struct err *err)
{
    if (++item->attempts >= ATTEMPTS || !retry_is_transient(err)) {
        lose(queue, err);
        return;
    }
    struct batch *batch = mem_alloc(sizeof *batch);
    batch->queue = queue;
    batch->items[batch->count++] = *item;
    item->body = NULL;
    send(batch, (int64_t)RETRY_MS << (item->attempts - 1));
}

static const json_t *with_id(const json_t *list, size_t index)
{
    size_t i;
    json_t *entry;
    char id[24];
    snprintf(id, sizeof id, "%zu", index);
    json_array_foreach (list, i, entry) {
        if (strcmp(json_get_string(entry, "Id", ""), id) == 0)
            return entry;
    }
    return NULL;
}

/* An error of the service counts as status 500, so it may be transient. An error of the sender is
 * transient only if it is a throttle. */
static void item_failure(const json_t *failed, struct err *err)
{
    bool ours = json_get_bool(failed, "SenderFault", false);
    err_set(
        err, ERR_API, "sqs:SendMessageBatch: %s",
        json_get_string(failed, "Message", "the response does not mention one of the messages"));
    err->status = ours ? 400 : 500;
    snprintf(err->code, sizeof err->code, "%s", json_get_string(failed, "Code", "NoAnswer"));
    if (ours && retry_classify(err) != RETRY_THROTTLED)
        err->kind = ERR_PARAM;
}

static void batch_answered(void *arg, json_t *result, const struct err *err)
{
    struct batch *batch = arg;
    struct message_queue *queue = batch->queue;
    const json_t *delivered = json_object_get(result, "Successful");
    for (size_t i = 0; i < batch->count; i++) {
        struct err why = {0};
        if (err == NULL && with_id(delivered, i) != NULL)
            continue;
        if (err == NULL)
            item_failure(with_id(json_object_get(result, "Failed"), i), &why);
        retry(queue, &batch->items[i], err != NULL ? err : &why);
    }
    remove_batch(batch);
    settle(queue);
}

static void flush(struct message_queue *queue)
{
    struct batch *batch = queue->open;
    queue->open = NULL;
    if (batch != NULL)
        send(batch, 0);
}

void message_queue_put(struct message_queue *queue, const json_t *line, int delay_s)
{
    char *body = json_text(line);
    size_t length = strlen(body);
    if (length > BATCH_BYTES) {
        struct err err = {0};
        err_set(&err, ERR_LIMIT, "a line of %zu bytes is longer than a message may be", length);
        lose(queue, &err);
        mem_free(body);
        return;
    }
    if (queue->open != NULL && queue->open->bytes + length > BATCH_BYTES)
        flush(queue);
    if (queue->open == NULL) {
        queue->open = mem_alloc(sizeof *queue->open);
        queue->open->queue = queue;
    }
    struct batch *batch = queue->open;
    struct item *item = &batch->items[batch->count++];
    *item = (struct item){.body = body,
                          .length = length,
                          .delay_s = delay_s > MESSAGE_MAX_DELAY_S ? MESSAGE_MAX_DELAY_S : delay_s};
    if (item->delay_s < 0)
        item->delay_s = 0;
    snprintf(item->group, sizeof item->group, "%s", json_get_string(line, "account", "engine"));
    batch->bytes += length;
    if (batch->count == BATCH_ITEMS)
        flush(queue);
}

void message_queue_close(struct message_queue *queue, message_done done, void *arg)
{
    flush(queue);
    queue->closing = true;
    queue->done = done;
    queue->arg = arg;
    settle(queue);
}

bool message_queue_full(const struct message_queue *queue)
{
    return queue->flights > BATCHES_AHEAD;
}
