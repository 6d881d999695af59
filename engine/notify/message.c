#include "notify/message.h"

#include <string.h>

#include "base/mem.h"
#include "notify/message_internal.h"
#include "value/json.h"

/* One call, from its order to its response. */
struct message_call {
    struct message *message;
    struct client_call *call; /* sent */
    struct loop_timer *timer; /* or waiting, or failed before it was sent */
    struct err err;
    struct message_order order;
    struct session session;
    char *region;
    struct message_call *next, **link;
};

struct message *message_new(struct client *client, struct creds_provider *provider,
                            const struct settings *settings)
{
    struct message *message = mem_alloc(sizeof *message);
    message->client = client;
    message->loop = client_loop(client);
    message->settings = settings;
    message->session = (struct session){
        .account = "", .provider = creds_provider_hold(provider), .permit = PERMIT_MESSAGE};
    return message;
}

static void call_free(struct message_call *call)
{
    *call->link = call->next;
    if (call->next != NULL)
        call->next->link = call->link;
    json_decref(call->order.params);
    mem_free(call->region);
    mem_free(call);
}

static void drop_call(struct message *message, struct message_call *call)
{
    loop_cancel(message->loop, call->timer);
    if (call->call != NULL)
        client_cancel(message->client, call->call);
    if (call->order.owns_arg)
        mem_free(call->order.arg);
    call_free(call);
}

void message_free(struct message *message)
{
    if (message == NULL)
        return;
    while (message->calls != NULL)
        drop_call(message, message->calls);
    loop_cancel(message->loop, message->answering);
    while (message->parts != NULL)
        message->parts->drop(message->parts);
    while (message->waiters != NULL) {
        struct message_waiter *waiter = message->waiters;
        message->waiters = waiter->next;
        mem_free(waiter);
    }
    creds_provider_drop(message->session.provider);
    mem_free(message->account);
    mem_free(message->arn);
    mem_free(message);
}

void message_hold(struct message *message, struct message_part *part)
{
    part->next = message->parts;
    part->link = &message->parts;
    if (part->next != NULL)
        part->next->link = &part->next;
    message->parts = part;
}

void message_release(struct message_part *part)
{
    *part->link = part->next;
    if (part->next != NULL)
        part->next->link = part->link;
}

static void answered(void *arg, json_t *result, const struct err *err)
{
    struct message_call *call = arg;
    client_done done = call->order.done;
    void *done_arg = call->order.arg;
    call_free(call);
    done(done_arg, result, err);
}

static void refused(void *arg)
{
    struct message_call *call = arg;
    struct err err = call->err;
    answered(call, NULL, &err);
}

static void start(void *arg)
{
    struct message_call *call = arg;
    struct message *message = call->message;
    struct call request = {.session = &call->session,
                           .region = call->region,
                           .service = call->order.service,
                           .operation = call->order.operation,
                           .params = call->order.params,
                           .payload = call->order.payload,
                           .repeatable = call->order.repeatable};
    call->timer = NULL;
    call->call = client_start(message->client, &request, &call->err, answered, call);
    if (call->call == NULL)
        call->timer = loop_after(message->loop, 0, refused, call);
}

void message_send(struct message *message, const struct message_order *order)
{
    struct message_call *call = mem_alloc(sizeof *call);
    call->message = message;
    call->order = *order;
    call->session = message->session;
    if (order->provider != NULL)
        call->session.provider = order->provider;
    if (order->account != NULL)
        call->session.account = order->account;
    call->region = mem_strdup(order->region);
    call->next = message->calls;
    call->link = &message->calls;
    if (call->next != NULL)
        call->next->link = &call->next;
    message->calls = call;
    if (order->delay_ms > 0)
        call->timer = loop_after(message->loop, order->delay_ms, start, call);
    else
        start(call);
}

/* A waiter may ask again in its callback, so the list is cleared first; no waiter may free the
 * message. */
static void answer_waiters(struct message *message, const struct err *err)
{
    struct message_waiter *waiter = message->waiters;
    message->waiters = NULL;
    while (waiter != NULL) {
        struct message_waiter *next = waiter->next;
        waiter->done(waiter->arg, err != NULL ? NULL : message->account,
                     err != NULL ? NULL : message->arn, err);
        mem_free(waiter);
        waiter = next;
    }
}

static void caller_known(void *arg, json_t *result, const struct err *err)
{
    struct message *message = arg;
    struct err odd = {0};
    const char *account = json_get_string(result, "Account", NULL);
    if (err == NULL && account == NULL) {
        err_set(&odd, ERR_API, "sts:GetCallerIdentity returned no account");
        err = &odd;
    }
    if (err == NULL) {
        message->account = mem_strdup(account);
        message->arn = mem_strdup(json_get_string(result, "Arn", ""));
    }
    answer_waiters(message, err);
}

static void answer_known(void *arg)
{
    struct message *message = arg;
    message->answering = NULL;
    answer_waiters(message, NULL);
}

void message_whoami(struct message *message, const char *region, message_caller done, void *arg)
{
    struct message_waiter *waiter = mem_alloc(sizeof *waiter);
    struct message_waiter **last = &message->waiters;
    bool first = message->waiters == NULL;
    *waiter = (struct message_waiter){.done = done, .arg = arg};
    while (*last != NULL)
        last = &(*last)->next;
    *last = waiter;
    if (!first)
        return;
    struct message_order order = {.region = region,
                                  .service = "sts",
                                  .operation = "GetCallerIdentity",
                                  .done = caller_known,
                                  .arg = message};
    if (message->account != NULL)
        message->answering = loop_after(message->loop, 0, answer_known, message);
    else
        message_send(message, &order);
}

void message_whoami_give_up(struct message *message)
{
    struct err err;
    struct message_call *call = message->calls;
    if (message->waiters == NULL || message->answering != NULL)
        return;
    while (call->order.done != caller_known)
        call = call->next;
    drop_call(message, call);
    err_set(&err, ERR_TIMEOUT, "sts:GetCallerIdentity was cancelled");
    answer_waiters(message, &err);
}
