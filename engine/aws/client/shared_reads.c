#include "aws/client/shared_reads.h"

#include <stdint.h>
#include <string.h>

#include "aws/client/client_permit.h"
#include "aws/operations/opset.h"
#include "aws/retry/retry.h"
#include "base/mem.h"
#include "value/json.h"

/* The most results kept at a time: a policy that shares reads with per-resource parameters must not
 * fill the memory. */
#define MAX_KEPT 10000
/* How long a response is used, in milliseconds. A run may take hours, or have no end (lines from a
 * pipe), and what it read at its start may have changed. */
#define KEPT_MS 300000

/* One request. It is in the index while other reads may join it. */
struct shared_read {
    struct shared_reads *reads;
    struct shared_read *next, **link; /* in the list of all reads */
    char *key;
    struct client *client;
    struct client_call *call; /* in progress; NULL: answered */
    struct shared_waiter *waiters;
    json_t *not_yet; /* codes of errors that are not kept; NULL: none */
    bool again;      /* sent for a resource that was audited before */
    bool listed;     /* in the index */
    int64_t answered_ms;
    json_t *result;
    struct err err; /* kind ERR_NONE: there is a result */
};

struct shared_waiter {
    struct shared_read *read;
    struct shared_waiter *next, **link;
    client_done done;
    void *arg;
    struct loop_timer *timer; /* for a waiter that joined after the response */
};

struct shared_reads {
    json_t *index; /* key to the address of the read */
    struct shared_read *all;
};

struct shared_reads *shared_reads_new(void)
{
    struct shared_reads *reads = mem_alloc(sizeof *reads);
    reads->index = json_object();
    return reads;
}

static void unlist(struct shared_read *read)
{
    if (read->listed)
        json_object_del(read->reads->index, read->key);
    read->listed = false;
}

/* Frees a read that no other can join, that has no waiters, and whose call has ended. */
static void drop_if_over(struct shared_read *read)
{
    if (read->listed || read->waiters != NULL || read->call != NULL)
        return;
    *read->link = read->next;
    if (read->next != NULL)
        read->next->link = read->link;
    json_decref(read->result);
    json_decref(read->not_yet);
    mem_free(read->key);
    mem_free(read);
}

void shared_reads_forget(struct shared_reads *reads)
{
    struct shared_read *next;
    for (struct shared_read *read = reads->all; read != NULL; read = next) {
        next = read->next;
        unlist(read);
        drop_if_over(read);
    }
}

void shared_reads_free(struct shared_reads *reads)
{
    if (reads == NULL)
        return;
    shared_reads_forget(reads);
    json_decref(reads->index);
    mem_free(reads);
}

/* Does the session share its results with no other? */
static bool is_apart(const struct session *session)
{
    return session->account[0] == '\0' ||
           (session->sensitive != NULL && opset_count(session->sensitive) > 0);
}

static char *key_of(const struct call *call)
{
    const struct session *session = call->session;
    char *params = call->params != NULL ? json_text_canonical(call->params) : NULL;
    char *key = mem_printf("%s %p %s %s:%s %s", session->account,
                           is_apart(session) ? (const void *)session : NULL, call->region,
                           call->service, call->operation, params != NULL ? params : "");
    mem_free(params);
    return key;
}

static bool is_old(const struct shared_read *read)
{
    return read->call == NULL && loop_now(client_loop(read->client)) - read->answered_ms > KEPT_MS;
}

static bool has_code(const json_t *codes, const struct err *err)
{
    size_t i;
    json_t *code;
    json_array_foreach (codes, i, code) {
        if (strcmp(json_string_value(code), err->code) == 0)
            return true;
    }
    return false;
}

/* Another policy may have kept an error which says to this one that there is no response yet. And
 * the fault of a first audit may have passed by the second. */
static bool serves(const struct shared_read *read, const struct shared_wish *wish)
{
    if (is_old(read) || has_code(wish->not_yet, &read->err))
        return false;
    return !wish->again || read->again || !retry_is_transient(&read->err);
}

static struct shared_read *find(const struct shared_reads *reads, const char *key,
                                const struct shared_wish *wish)
{
    const json_t *known = json_object_get(reads->index, key);
    struct shared_read *read = (struct shared_read *)(intptr_t)json_integer_value(known);
    if (read == NULL || serves(read, wish))
        return read;
    unlist(read);
    drop_if_over(read);
    return NULL;
}

/* Takes ownership of the key. */
static struct shared_read *add_read(struct shared_reads *reads, char *key, struct client *client,
                                    const struct shared_wish *wish)
{
    struct shared_read *read = mem_alloc(sizeof *read);
    read->reads = reads;
    read->key = key;
    read->client = client;
    read->not_yet = json_incref((json_t *)(uintptr_t)wish->not_yet);
    read->again = wish->again;
    read->link = &reads->all;
    read->next = reads->all;
    if (read->next != NULL)
        read->next->link = &read->next;
    reads->all = read;
    if (json_object_size(reads->index) < MAX_KEPT) {
        read->listed = true;
        json_object_set_new_nocheck(reads->index, key, json_integer((json_int_t)(intptr_t)read));
    }
    return read;
}

static struct shared_waiter *add_waiter(struct shared_read *read, client_done done, void *arg)
{
    struct shared_waiter *waiter = mem_alloc(sizeof *waiter);
    waiter->read = read;
    waiter->done = done;
    waiter->arg = arg;
    waiter->link = &read->waiters;
    while (*waiter->link != NULL) /* waiters are called in order of arrival */
        waiter->link = &(*waiter->link)->next;
    *waiter->link = waiter;
    return waiter;
}

static void remove_waiter(struct shared_waiter *waiter)
{
    *waiter->link = waiter->next;
    if (waiter->next != NULL)
        waiter->next->link = waiter->link;
    loop_cancel(client_loop(waiter->read->client), waiter->timer);
    mem_free(waiter);
}

/* A callback may cancel other waiters or start new reads, so the list is read again after each
 * callback. */
static void report(struct shared_waiter *waiter)
{
    struct shared_read *read = waiter->read;
    client_done done = waiter->done;
    void *arg = waiter->arg;
    json_t *result = json_incref(read->result);
    struct err err = read->err;
    remove_waiter(waiter);
    drop_if_over(read);
    done(arg, result, result == NULL ? &err : NULL);
    json_decref(result);
}

static void report_later(void *arg)
{
    struct shared_waiter *waiter = arg;
    waiter->timer = NULL;
    report(waiter);
}

static void report_soon(struct shared_waiter *waiter)
{
    waiter->timer = loop_after(client_loop(waiter->read->client), 0, report_later, waiter);
}

/* The errors of a request that was sent, except those after which the next may pass at once. */
static bool is_kept(const struct shared_read *read, const struct err *err)
{
    switch (err->kind) {
    case ERR_API:
    case ERR_NET:
    case ERR_TIMEOUT:
    case ERR_PARSE:
    case ERR_LIMIT: break;
    default: return false;
    }
    enum retry_class class = retry_classify(err);
    return class != RETRY_THROTTLED && class != RETRY_EXPIRED && !has_code(read->not_yet, err);
}

static void on_answer(void *arg, json_t *result, const struct err *err)
{
    struct shared_read *read = arg;
    read->call = NULL;
    read->result = json_incref(result);
    read->answered_ms = loop_now(client_loop(read->client));
    if (err != NULL)
        read->err = *err;
    if (err != NULL && !is_kept(read, err))
        unlist(read);
    for (struct shared_waiter *waiter = read->waiters; waiter != NULL; waiter = waiter->next)
        report_soon(waiter);
    drop_if_over(read);
}

struct shared_waiter *shared_reads_start(struct shared_reads *reads, struct client *client,
                                         const struct call *call, const struct shared_wish *wish,
                                         struct err *err, client_done done, void *arg)
{
    char *key = key_of(call);
    struct shared_read *read = find(reads, key, wish);
    bool known = read != NULL;
    if (known)
        mem_free(key);
    if (known && client_permit(call->session, call->service, call->operation, err) != 0)
        return NULL;
    if (!known)
        read = add_read(reads, key, client, wish);
    if (!known)
        read->call = client_start(client, call, err, on_answer, read);
    if (!known && read->call == NULL) {
        unlist(read);
        drop_if_over(read);
        return NULL;
    }
    struct shared_waiter *waiter = add_waiter(read, done, arg);
    if (read->call == NULL)
        report_soon(waiter);
    return waiter;
}

void shared_reads_cancel(struct shared_waiter *waiter)
{
    struct shared_read *read = waiter->read;
    remove_waiter(waiter);
    if (read->waiters != NULL || read->call == NULL) {
        drop_if_over(read);
        return;
    }
    client_cancel(read->client, read->call);
    read->call = NULL;
    unlist(read);
    drop_if_over(read);
}
