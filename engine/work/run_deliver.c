#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "work/finding.h"
#include "work/run_internal.h"

/* Findings on their way: done when the last notification is answered. */
struct delivery {
    struct run *run;
    json_t *findings;
    size_t waiting;
    loop_fn done;
    void *arg;
};

static void settle_one(struct delivery *delivery)
{
    if (--delivery->waiting > 0)
        return;
    loop_fn done = delivery->done;
    void *arg = delivery->arg;
    json_decref(delivery->findings);
    mem_free(delivery);
    done(arg);
}

static void on_notified(void *arg, const struct err *err)
{
    struct delivery *delivery = arg;
    if (err != NULL) {
        log_error("a finding could not be notified: %s", err->message);
        delivery->run->status = finding_worse(delivery->run->status, 1);
    }
    settle_one(delivery);
}

static void deliver_one(struct delivery *delivery, const struct resource *resource, json_t *finding)
{
    struct run *run = delivery->run;
    const struct context *context = run->options.context;
    json_object_del(finding, "waits");
    json_object_del(finding, "later");
    report_add(run->options.report, finding);
    run->status = finding_worse(run->status, finding_exit_status(finding));
    if (context->settings->notification_topic == NULL || !finding_is_notified(finding))
        return;
    delivery->waiting++;
    message_finding(context->message, resource, finding, on_notified, delivery);
}

static void settle_first(void *arg)
{
    settle_one(arg);
}

void run_deliver(struct run *run, const struct resource *resource, json_t *findings, loop_fn done,
                 void *arg)
{
    size_t i;
    json_t *finding;
    struct delivery *delivery = mem_alloc(sizeof *delivery);
    *delivery =
        (struct delivery){.run = run, .findings = findings, .waiting = 1, .done = done, .arg = arg};
    json_array_foreach (findings, i, finding)
        deliver_one(delivery, resource, finding);
    loop_defer(run->options.context->loop, settle_first, delivery);
}
