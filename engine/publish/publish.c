#include "publish/publish.h"

#include "base/mem.h"
#include "notify/message_finding.h"
#include "publish/publish_names.h"
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

static void send_event(const struct context *context, const struct resource *resource,
                       const json_t *finding, enum message_change change, void *publication)
{
    json_t *names = names_of(context, resource, finding);
    const char *arn = json_get_string(names, "arn", resource->id);
    message_event(context->message, resource, arn, finding, change, on_sent, publication);
    json_decref(names);
}

void publish_finding(const struct context *context, const struct resource *resource,
                     const json_t *finding, enum message_change change, message_done done,
                     void *arg)
{
    struct publication *publication = mem_alloc(sizeof *publication);
    *publication = (struct publication){.waiting = 2, .done = done, .arg = arg};
    message_finding(context->message, resource, finding, on_sent, publication);
    send_event(context, resource, finding, change, publication);
}
