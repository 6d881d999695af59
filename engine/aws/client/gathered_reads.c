#include "aws/client/gathered_reads.h"

#include <stdint.h>
#include <string.h>

#include "aws/client/gathered_parts.h"
#include "aws/client/named_id.h"
#include "aws/operations/refusal.h"
#include "aws/retry/retry.h"
#include "base/mem.h"
#include "value/json.h"

/* One call, and the reads that wait for it. */
struct batch {
    struct gathered_reads *reads;
    struct batch *next, **link; /* in the list of all batches */
    struct client *client;
    const struct session *session;
    char *region, *service, *operation, *list;
    json_t *params; /* without the list of ids */
    char *key;      /* equal for reads that may gather */
    size_t most;
    json_t *ids; /* an object: each id is a key */
    struct gathered_waiter *waiters, **last;
    bool open; /* not sent yet: more reads may join */
    bool part; /* of a call that failed */
    struct client_call *call;
};

struct gathered_waiter {
    struct batch *batch; /* NULL: answered; `timer` reports it */
    struct gathered_waiter *next, **link;
    char *id;
    json_t *gone; /* codes which mean that there is no such resource; or NULL */
    client_done done;
    void *arg;
    struct loop *loop;
    struct loop_timer *timer;
    json_t *result;  /* of a call that succeeded */
    struct err *err; /* of one that failed: long, and rare */
};

struct gathered_reads {
    struct batch *batches, **last; /* in the order in which they were created */
    struct loop *loop; /* will call send_gathered when it is idle; NULL: nothing to send */
};

struct gathered_reads *gathered_reads_new(void)
{
    struct gathered_reads *reads = mem_alloc(sizeof *reads);
    reads->last = &reads->batches;
    return reads;
}

/* ---- batches ---- */

static void batch_free(struct batch *batch)
{
    *batch->link = batch->next;
    if (batch->next != NULL)
        batch->next->link = batch->link;
    else
        batch->reads->last = batch->link;
    json_decref(batch->params);
    json_decref(batch->ids);
    mem_free(batch->region);
    mem_free(batch->service);
    mem_free(batch->operation);
    mem_free(batch->list);
    mem_free(batch->key);
    mem_free(batch);
}

/* A batch for calls like this one, still without ids. */
static struct batch *batch_new(struct gathered_reads *reads, struct client *client,
                               const struct gathered_read *read, char *key)
{
    struct batch *batch = mem_alloc(sizeof *batch);
    *batch = (struct batch){.reads = reads,
                            .client = client,
                            .session = read->call.session,
                            .region = mem_strdup(read->call.region),
                            .service = mem_strdup(read->call.service),
                            .operation = mem_strdup(read->call.operation),
                            .list = mem_strdup(read->list),
                            .params = json_deep_copy(read->call.params),
                            .key = key,
                            .most = read->most > 0 ? read->most : 1,
                            .ids = json_object(),
                            .link = reads->last};
    batch->last = &batch->waiters;
    *reads->last = batch;
    reads->last = &batch->next;
    return batch;
}

/* Everything that must be equal for reads to share one call. */
static char *key_of(const struct gathered_read *read)
{
    const struct call *call = &read->call;
    char *params = call->params != NULL ? json_text_canonical(call->params) : NULL;
    char *key = mem_printf("%s %p %s %s:%s %s %zu %s", call->session->account,
                           (const void *)call->session, call->region, call->service,
                           call->operation, read->list, read->most, params != NULL ? params : "");
    mem_free(params);
    return key;
}

/* Takes ownership of the key. */
static struct batch *batch_for(struct gathered_reads *reads, struct client *client,
                               const struct gathered_read *read, char *key)
{
    for (struct batch *batch = reads->batches; batch != NULL && !read->alone; batch = batch->next) {
        if (batch->open && batch->client == client && strcmp(batch->key, key) == 0) {
            mem_free(key);
            return batch;
        }
    }
    struct batch *batch = batch_new(reads, client, read, key);
    batch->open = !read->alone;
    return batch;
}

static void join(struct batch *batch, struct gathered_waiter *waiter)
{
    waiter->batch = batch;
    waiter->next = NULL;
    waiter->link = batch->last;
    *batch->last = waiter;
    batch->last = &waiter->next;
    json_object_set_new_nocheck(batch->ids, waiter->id, json_true());
}

static void leave(struct gathered_waiter *waiter)
{
    struct batch *batch = waiter->batch;
    *waiter->link = waiter->next;
    if (waiter->next != NULL)
        waiter->next->link = waiter->link;
    else
        batch->last = waiter->link;
}

/* ---- answers ---- */

static void waiter_free(struct gathered_waiter *waiter)
{
    json_decref(waiter->result);
    json_decref(waiter->gone);
    mem_free(waiter->err);
    mem_free(waiter->id);
    mem_free(waiter);
}

static void report(void *arg)
{
    struct gathered_waiter *waiter = arg;
    client_done done = waiter->done;
    void *done_arg = waiter->arg;
    json_t *result = json_incref(waiter->result);
    struct err *err = waiter->err;
    waiter->err = NULL;
    waiter_free(waiter);
    done(done_arg, result, err);
    json_decref(result);
    mem_free(err);
}

/* Reports to each waiter in a turn of its own, because its callback may cancel the others. */
static void answer(struct gathered_waiter *waiter, json_t *result, const struct err *err)
{
    struct loop *loop = client_loop(waiter->batch->client);
    leave(waiter);
    waiter->batch = NULL;
    waiter->loop = loop;
    waiter->result = json_incref(result);
    if (err != NULL) {
        waiter->err = mem_alloc(sizeof *waiter->err);
        *waiter->err = *err;
    }
    waiter->timer = loop_after(loop, 0, report, waiter);
}

static void fail_all(struct batch *batch, const struct err *err)
{
    while (batch->waiters != NULL)
        answer(batch->waiters, NULL, err);
}

static void send(struct batch *batch);

/* Moves the first waiters, with `count` ids in total, to a call of their own. */
static void send_some(struct batch *batch, size_t count, bool part)
{
    const struct gathered_read read = {.call = {.session = batch->session,
                                                .region = batch->region,
                                                .service = batch->service,
                                                .operation = batch->operation,
                                                .params = batch->params},
                                       .list = batch->list,
                                       .most = batch->most};
    struct batch *some = batch_new(batch->reads, batch->client, &read, mem_strdup(batch->key));
    some->part = part;
    while (batch->waiters != NULL) {
        struct gathered_waiter *waiter = batch->waiters;
        bool is_new = json_object_get(some->ids, waiter->id) == NULL;
        if (is_new && json_object_size(some->ids) == count)
            break;
        leave(waiter);
        join(some, waiter);
    }
    send(some);
}

static void send_in_parts(struct batch *batch, size_t count)
{
    while (batch->waiters != NULL)
        send_some(batch, count, true);
}

/* Waiters whose id the response does not mention stay in the batch. */
static void give_parts(struct batch *batch, const json_t *parts)
{
    struct gathered_waiter *next;
    for (struct gathered_waiter *waiter = batch->waiters; waiter != NULL; waiter = next) {
        json_t *part = json_object_get(parts, waiter->id);
        next = waiter->next;
        if (part != NULL)
            answer(waiter, part, NULL);
    }
}

static void on_result(struct batch *batch, json_t *result)
{
    bool alone = json_object_size(batch->ids) == 1;
    while (alone && batch->waiters != NULL)
        answer(batch->waiters, result, NULL);
    if (alone)
        return;
    json_t *parts = gathered_parts(result, batch->list, batch->ids);
    give_parts(batch, parts);
    json_decref(parts);
    send_in_parts(batch, 1);
}

/* May one of the ids, or their number, be the cause of the error? */
static bool is_about_ids(const struct err *err)
{
    return err->kind == ERR_LIMIT || err->kind == ERR_PARSE ||
           (err->kind == ERR_API && !retry_is_transient(err));
}

/* Gives the error to the reads whose ids it names as missing. False: it names none. */
static bool answer_named(struct batch *batch, const struct err *err)
{
    bool found = false;
    struct gathered_waiter *next;
    for (struct gathered_waiter *waiter = batch->waiters; waiter != NULL; waiter = next) {
        next = waiter->next;
        if (!named_as_gone(err, waiter->gone, waiter->id))
            continue;
        answer(waiter, NULL, err);
        found = true;
    }
    return found;
}

/* The next calls have the square root of the number of ids, so that one missing id costs twice as
 * many calls, and 100 missing ids of 100 cost 111. */
static size_t size_of_part(const struct batch *batch)
{
    size_t part = 1;
    while (!batch->part && (part + 1) * (part + 1) <= json_object_size(batch->ids))
        part++;
    return part;
}

/* Denied access usually concerns all ids, so larger parts would only add to the calls. */
static void on_error(struct batch *batch, const struct err *err)
{
    if (json_object_size(batch->ids) == 1 || !is_about_ids(err))
        fail_all(batch, err);
    else if (refusal_is(err))
        send_in_parts(batch, 1);
    else if (answer_named(batch, err) && batch->waiters != NULL)
        send_some(batch, batch->most, batch->part);
    else
        send_in_parts(batch, size_of_part(batch));
}

static void on_answer(void *arg, json_t *result, const struct err *err)
{
    struct batch *batch = arg;
    batch->call = NULL;
    if (err != NULL)
        on_error(batch, err);
    else
        on_result(batch, result);
    batch_free(batch);
}

/* ---- calls ---- */

static json_t *params_of(const struct batch *batch)
{
    const char *id;
    json_t *ignored;
    json_t *ids = json_array();
    json_t *params = batch->params != NULL ? json_copy(batch->params) : json_object();
    json_object_foreach (batch->ids, id, ignored)
        json_array_append_new(ids, json_string_nocheck(id));
    json_object_set_new_nocheck(params, batch->list, ids);
    return params;
}

static void send(struct batch *batch)
{
    struct err err = {0};
    json_t *params = params_of(batch);
    const struct call call = {.session = batch->session,
                              .region = batch->region,
                              .service = batch->service,
                              .operation = batch->operation,
                              .params = params};
    batch->open = false;
    batch->call = client_start(batch->client, &call, &err, on_answer, batch);
    json_decref(params);
    if (batch->call != NULL)
        return;
    fail_all(batch, &err);
    batch_free(batch);
}

static struct batch *next_open(const struct gathered_reads *reads)
{
    struct batch *batch = reads->batches;
    while (batch != NULL && !batch->open)
        batch = batch->next;
    return batch;
}

static void send_gathered(void *arg)
{
    struct gathered_reads *reads = arg;
    struct batch *batch;
    reads->loop = NULL;
    while ((batch = next_open(reads)) != NULL)
        send(batch);
}

struct gathered_waiter *gathered_reads_start(struct gathered_reads *reads, struct client *client,
                                             const struct gathered_read *read, client_done done,
                                             void *arg)
{
    struct gathered_waiter *waiter = mem_alloc(sizeof *waiter);
    struct batch *batch = batch_for(reads, client, read, key_of(read));
    waiter->id = mem_strdup(read->id);
    waiter->gone = json_incref((json_t *)(uintptr_t)read->gone);
    waiter->done = done;
    waiter->arg = arg;
    join(batch, waiter);
    if (!batch->open || json_object_size(batch->ids) >= batch->most) {
        send(batch);
    } else if (reads->loop == NULL) {
        reads->loop = client_loop(client);
        loop_when_idle(reads->loop, send_gathered, reads);
    }
    return waiter;
}

void gathered_reads_cancel(struct gathered_waiter *waiter)
{
    struct batch *batch = waiter->batch;
    if (batch == NULL) {
        loop_cancel(waiter->loop, waiter->timer);
        waiter_free(waiter);
        return;
    }
    leave(waiter);
    waiter_free(waiter);
    if (batch->waiters != NULL)
        return;
    if (batch->call != NULL)
        client_cancel(batch->client, batch->call);
    batch_free(batch);
}

void gathered_reads_free(struct gathered_reads *reads)
{
    if (reads == NULL)
        return;
    if (reads->loop != NULL)
        loop_cancel_idle(reads->loop, send_gathered, reads);
    while (reads->batches != NULL)
        batch_free(reads->batches);
    mem_free(reads);
}
