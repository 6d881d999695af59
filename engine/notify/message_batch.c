#include "notify/message_batch.h"

#include "aws/retry/retry.h"
#include "base/mem.h"
#include "notify/message_internal.h"

#define GATHER_MS 20 /* how long the first entry waits for others */
#define ATTEMPTS 4   /* for each entry, each with the client's own retries */
#define RETRY_MS 500 /* doubled each time */

struct entry {
    json_t *json;
    size_t bytes;
    int attempts; /* so far */
    message_done done;
    void *arg;
    struct entry *next;
};

struct list {
    struct entry *first, **end;
};

struct message_batch {
    struct message_part part; /* first: the message drops it */
    struct message *message;
    const struct message_batch_kind *kind;
    char *region, *account;
    struct creds_provider *provider;
    struct list waiting, sent;
    bool in_flight;
    struct loop_timer *pause;
};

static void clear(struct list *list)
{
    *list = (struct list){.end = &list->first};
}

static void append(struct list *list, struct entry *entry)
{
    entry->next = NULL;
    *list->end = entry;
    list->end = &entry->next;
}

static struct entry *take_first(struct list *list)
{
    struct entry *entry = list->first;
    if (entry == NULL)
        return NULL;
    list->first = entry->next;
    if (list->first == NULL)
        list->end = &list->first;
    return entry;
}

static void entry_free(struct entry *entry)
{
    json_decref(entry->json);
    mem_free(entry->arg);
    mem_free(entry);
}

static void free_all(struct list *list)
{
    struct entry *entry;
    while ((entry = take_first(list)) != NULL)
        entry_free(entry);
}

static void drop(struct message_part *part)
{
    struct message_batch *batch = (struct message_batch *)(void *)part;
    loop_cancel(batch->message->loop, batch->pause);
    free_all(&batch->waiting);
    free_all(&batch->sent);
    creds_provider_drop(batch->provider);
    message_release(part);
    mem_free(batch->region);
    mem_free(batch->account);
    mem_free(batch);
}

struct message_batch *message_batch_open(struct message *message,
                                         const struct message_batch_kind *kind,
                                         const struct message_batch_target *target)
{
    struct message_batch *batch = mem_alloc(sizeof *batch);
    *batch = (struct message_batch){.message = message,
                                    .kind = kind,
                                    .region = mem_strdup(target->region),
                                    .account = mem_strdup(target->account),
                                    .part.drop = drop};
    if (target->provider != NULL)
        batch->provider = creds_provider_hold(target->provider);
    clear(&batch->waiting);
    clear(&batch->sent);
    message_hold(message, &batch->part);
    return batch;
}

static void on_response(void *arg, json_t *response, const struct err *err);

/* Moves as many entries as one call accepts from `waiting` to `sent`; returns them. */
static json_t *take_batch(struct message_batch *batch)
{
    size_t bytes = 0;
    json_t *entries = json_array();
    const struct message_batch_kind *kind = batch->kind;
    while (batch->waiting.first != NULL && json_array_size(entries) < kind->entries) {
        struct entry *entry = batch->waiting.first;
        bytes += entry->bytes;
        if (bytes > kind->bytes && json_array_size(entries) > 0)
            break;
        append(&batch->sent, take_first(&batch->waiting));
        json_array_append(entries, entry->json);
    }
    return entries;
}

static void send(void *arg)
{
    struct message_batch *batch = arg;
    batch->pause = NULL;
    batch->in_flight = true;
    struct message_order order = {.region = batch->region,
                                  .account = batch->account,
                                  .provider = batch->provider,
                                  .service = batch->kind->service,
                                  .operation = batch->kind->operation,
                                  .params =
                                      json_pack("{s:o}", batch->kind->list, take_batch(batch)),
                                  .done = on_response,
                                  .arg = batch};
    message_send(batch->message, &order);
}

static void send_later(struct message_batch *batch, int64_t delay_ms)
{
    if (!batch->in_flight && batch->pause == NULL && batch->waiting.first != NULL)
        batch->pause = loop_after(batch->message->loop, delay_ms, send, batch);
}

/* The failed entries stay ahead of those that came later. */
static void put_back(struct message_batch *batch, struct list *failed)
{
    if (failed->first == NULL)
        return;
    *failed->end = batch->waiting.first;
    if (batch->waiting.first == NULL)
        batch->waiting.end = failed->end;
    batch->waiting.first = failed->first;
}

static bool is_to_retry(struct entry *entry, const struct err *err)
{
    return ++entry->attempts < ATTEMPTS && retry_is_transient(err);
}

static void finish(struct entry *entry, const struct err *err)
{
    entry->done(entry->arg, err);
    entry_free(entry);
}

/* Finishes the sent entries, except those to be sent again; returns how long to wait before
 * that. */
static int64_t settle(struct message_batch *batch, const json_t *response, const struct err *err)
{
    struct entry *entry;
    struct list failed;
    int64_t delay_ms = 0;
    clear(&failed);
    for (size_t i = 0; (entry = take_first(&batch->sent)) != NULL; i++) {
        struct err why = err != NULL ? *err : (struct err){0};
        int refused = err != NULL ? -1 : batch->kind->outcome(response, entry->json, i, &why);
        if (refused != 0 && is_to_retry(entry, &why)) {
            delay_ms = (int64_t)RETRY_MS << (entry->attempts - 1);
            append(&failed, entry);
        } else {
            finish(entry, refused != 0 ? &why : NULL);
        }
    }
    put_back(batch, &failed);
    return delay_ms;
}

static void on_response(void *arg, json_t *response, const struct err *err)
{
    struct message_batch *batch = arg;
    int64_t delay_ms = settle(batch, response, err);
    batch->in_flight = false;
    send_later(batch, delay_ms);
}

void message_batch_put(struct message_batch *batch, json_t *json, size_t bytes, message_done done,
                       void *arg)
{
    struct entry *entry = mem_alloc(sizeof *entry);
    *entry = (struct entry){.json = json, .bytes = bytes, .done = done, .arg = arg};
    append(&batch->waiting, entry);
    send_later(batch, GATHER_MS);
}
