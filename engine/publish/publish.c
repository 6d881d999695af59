#include "publish/publish.h"

#include "base/mem.h"
#include "notify/message_finding.h"
#include "publish/publish_names.h"
#include "publish/security_hub.h"
#include "value/json.h"

struct publication {
    int waiting; /* destinations without an answer */
    struct err err;
    message_done done;
    void *arg;
};

static void on_sent(void *arg, const struct err *err)
{
    struct publication *publication = arg;
    if (err != NULL && publication->err.kind == ERR_NONE)
        publication->err = *err;
    if (--publication->waiting > 0)
        return;
    struct publication copy = *publication;
    mem_free(publication);
    copy.done(copy.arg, copy.err.kind != ERR_NONE ? &copy.err : NULL);
}

/* A finding that an audit has just made has the names; one from STATE_TABLE does not. */
static json_t *names_of(const struct context *context, const struct resource *resource,
                        const json_t *finding)
{
    json_t *names = json_object_get(finding, "names");
    return names != NULL ? json_incref(names) : publish_names(context->evaluator, resource, NULL);
}

static void send_event(const struct context *context, const struct publish_order *order,
                       const json_t *names, struct publication *publication)
{
    const char *arn = json_get_string(names, "arn", order->resource->id);
    message_event(context->message, order->resource, arn, order->finding, order->change, on_sent,
                  publication);
}

static void send_import(const struct context *context, const struct publish_order *order,
                        const json_t *names, struct publication *publication)
{
    const struct security_hub_finding import = {
        .finding = order->finding, .names = names, .created_s = order->created_s};
    if (context->hub == NULL)
        return;
    publication->waiting++;
    security_hub_send(context, &import, on_sent, publication);
}

static struct publication *publication_new(int waiting, message_done done, void *arg)
{
    struct publication *publication = mem_alloc(sizeof *publication);
    *publication = (struct publication){.waiting = waiting, .done = done, .arg = arg};
    return publication;
}

void publish_finding(const struct context *context, const struct publish_order *order,
                     message_done done, void *arg)
{
    struct publication *publication = publication_new(2, done, arg);
    json_t *names = names_of(context, order->resource, order->finding);
    message_finding(context->message, order->resource, order->finding, on_sent, publication);
    send_event(context, order, names, publication);
    send_import(context, order, names, publication);
    json_decref(names);
}

void publish_passed(const struct context *context, const struct publish_order *order,
                    message_done done, void *arg)
{
    json_t *names = names_of(context, order->resource, order->finding);
    send_import(context, order, names, publication_new(0, done, arg));
    json_decref(names);
}
