#include "audit/run_deliver.h"

#include <string.h>

#include "audit/run_compare.h"
#include "audit/run_internal.h"
#include "audit/run_plans.h"
#include "audit/run_report.h"
#include "audit/run_revisit.h"
#include "base/log.h"
#include "base/mem.h"
#include "notify/message_finding.h"
#include "policy/finding.h"
#include "policy/verdict.h"
#include "publish/publish.h"
#include "publish/publish_names.h"
#include "state/state_notify.h"
#include "value/json.h"

/* Findings being delivered: done when the last notification has a response. */
struct delivery {
    struct run *run;
    struct job *job; /* NULL: the findings were made elsewhere */
    const struct resource *resource;
    json_t *findings;
    json_t *to_notify; /* those to be notified now, if they are news */
    json_t *unmade;    /* checks whose repair was allowed, and for which no call was made */
    bool *unnotified;  /* set if a notification fails; or NULL */
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
    json_decref(delivery->to_notify);
    json_decref(delivery->unmade);
    mem_free(delivery);
    done(arg);
}

static bool is_fixed(const json_t *finding)
{
    return verdict_remediation(finding) == REMEDIATION_FIXED;
}

/* Something was not delivered. If the line was requeued, the later audit reports everything except
 * repairs. If the source delivered it again as well, there would be two such lines, and their
 * number would double for as long as nothing can be delivered. */
static bool must_come_again(const struct delivery *delivery)
{
    size_t i;
    json_t *finding;
    bool fixed = false;
    json_array_foreach (delivery->findings, i, finding)
        fixed |= is_fixed(finding);
    return !delivery->job->put_back || fixed;
}

/* A topic that is gone refuses every finding: the first is an error, the others are counted. */
static enum log_level level_of(struct run *run, const char *message)
{
    const json_t *more = json_object_get(run->unnotified_why, message);
    if (run->unnotified_why == NULL)
        run->unnotified_why = json_object();
    json_object_set_new_nocheck(run->unnotified_why, message,
                                json_integer(more != NULL ? json_integer_value(more) + 1 : 0));
    return more != NULL ? LOG_INFO : LOG_ERROR;
}

void run_log_unnotified(const struct run *run)
{
    const char *message;
    json_t *more;
    json_object_foreach (run->unnotified_why, message, more) {
        json_int_t count = json_integer_value(more);
        if (count > 0)
            log_error("%lld more finding%s could not be notified: %s (--log-level info names %s)",
                      (long long)count, count == 1 ? "" : "s", message, count == 1 ? "it" : "them");
    }
}

void run_note_unnotified(struct run *run, const struct resource *resource, const struct err *err)
{
    const struct log_subject subject = resource_subject(resource);
    log_about(level_of(run, err->message), &subject, "a finding could not be notified: %s",
              err->message);
    run->unnotified++;
    run->status = finding_worse(run->status, 1);
}

static void on_notified(void *arg, const struct err *err)
{
    struct delivery *delivery = arg;
    if (err != NULL) {
        run_note_unnotified(delivery->run, delivery->resource, err);
        if (delivery->unnotified != NULL)
            *delivery->unnotified = true;
        if (delivery->job != NULL && must_come_again(delivery))
            delivery->job->again = true;
    }
    settle_one(delivery);
}

/* A later audit reports the other findings again, but a repair is seen only once. */
static bool is_left_to_later(const struct delivery *delivery, const json_t *finding)
{
    bool again = delivery->job != NULL && (delivery->job->again || delivery->job->resent);
    return again && !is_fixed(finding);
}

static json_t *names_of(const struct run *run, const struct resource *resource,
                        const json_t *finding)
{
    const char *given = json_get_string(finding, "arn", NULL);
    return publish_names(run->options.context->evaluator, resource, given);
}

/* Do the names belong to the report, because it is in another tool's format? */
static bool reports_names(const struct settings *settings)
{
    return settings->format == FORMAT_ASFF || settings->format == FORMAT_OCSF;
}

/* What is published has the names in any case: if need be in a copy, which the report does not
 * see. */
static void add_to_notify(const struct delivery *delivery, json_t *finding, json_t *names)
{
    if (is_left_to_later(delivery, finding))
        return;
    if (names == NULL || json_object_get(finding, "names") != NULL) {
        json_array_append(delivery->to_notify, finding);
        return;
    }
    json_t *copy = json_copy(finding);
    json_object_set(copy, "names", names);
    json_array_append_new(delivery->to_notify, copy);
}

static void deliver_one(const struct delivery *delivery, const struct resource *resource,
                        json_t *finding)
{
    struct run *run = delivery->run;
    const struct settings *settings = run->options.context->settings;
    bool needed = reports_names(settings) || settings->event_bus != NULL || settings->security_hub;
    json_t *names = needed ? names_of(run, resource, finding) : NULL;
    if (json_object_get(finding, "unmade") != NULL)
        json_array_append(delivery->unmade, json_object_get(finding, "check"));
    json_object_del(finding, "unmade");
    json_object_del(finding, "waits");
    json_object_del(finding, "later");
    json_object_del(finding, "arn");
    if (names != NULL && reports_names(settings))
        json_object_set(finding, "names", names);
    run_compare(run, finding);
    add_to_notify(delivery, finding, names);
    json_decref(names);
}

/* Without STATE_TABLE it is not known whether Security Hub has an earlier finding of the check,
 * which must be closed. */
static bool is_passed(const struct context *context, const json_t *finding)
{
    return context->hub != NULL && message_is_over(finding);
}

static void notify_each(struct delivery *delivery, const struct resource *resource)
{
    const struct context *context = delivery->run->options.context;
    size_t i;
    json_t *finding;
    json_array_foreach (delivery->to_notify, i, finding) {
        const struct publish_order order = {
            .resource = resource, .finding = finding, .change = CHANGE_UNKNOWN};
        bool notified = finding_is_notified(finding);
        if (!notified && !is_passed(context, finding))
            continue;
        delivery->waiting++;
        if (notified)
            publish_finding(context, &order, on_notified, delivery);
        else
            publish_passed(context, &order, on_notified, delivery);
    }
}

/* These are all the checks of the resource. */
static bool is_whole(const struct delivery *delivery)
{
    const struct job *job = delivery->job;
    return job != NULL && run_only_check(job->policy, job->resource) == NULL &&
           delivery->run->options.context->selected == NULL &&
           json_array_size(delivery->to_notify) == json_array_size(delivery->findings);
}

static bool is_global(const struct delivery *delivery)
{
    const json_t *first = json_array_get(delivery->to_notify, 0);
    return delivery->job != NULL ? delivery->job->policy->global
                                 : json_get_bool(first, "global", false);
}

/* Notifies the job's findings. If no check applies any more, earlier findings of the resource are
 * over. */
static void notify_findings(struct delivery *delivery, const struct resource *resource)
{
    const struct context *context = delivery->run->options.context;
    const struct state_look look = {.resource = resource,
                                    .global = is_global(delivery),
                                    .findings = delivery->to_notify,
                                    .whole = is_whole(delivery),
                                    .unmade = delivery->unmade,
                                    .asked = delivery->job != NULL && delivery->job->is_target};
    bool any = json_array_size(delivery->to_notify) > 0 || look.whole;
    if (!settings_notifies(context->settings) || !any)
        return;
    if (context->state == NULL) {
        notify_each(delivery, resource);
        return;
    }
    delivery->waiting++;
    state_notify(context, &look, on_notified, delivery);
}

/* A notification names its plan, so the plan is written first. */
static void on_planned(void *arg, const struct err *err)
{
    struct delivery *delivery = arg;
    if (err == NULL)
        notify_findings(delivery, delivery->resource);
    on_notified(delivery, err);
}

static void settle_first(void *arg)
{
    settle_one(arg);
}

static void start(const struct delivery *order, const struct resource *resource)
{
    size_t i;
    json_t *finding;
    struct delivery *delivery = mem_alloc(sizeof *delivery);
    *delivery = *order;
    delivery->waiting = 1;
    delivery->unmade = json_array();
    delivery->to_notify = json_array();
    delivery->resource = resource;
    bool planned = run_plans_name(delivery->run, delivery->findings);
    json_array_foreach (delivery->findings, i, finding)
        deliver_one(delivery, resource, finding);
    if (planned && json_array_size(delivery->to_notify) > 0) {
        delivery->waiting++;
        run_plans_write(delivery->run, delivery->findings, on_planned, delivery);
    } else {
        notify_findings(delivery, resource);
    }
    loop_defer(delivery->run->options.context->loop, settle_first, delivery);
}

void run_deliver(struct run *run, size_t slot, const struct resource *resource, json_t *findings,
                 loop_fn done, void *arg)
{
    const struct delivery order = {.run = run, .findings = findings, .done = done, .arg = arg};
    start(&order, resource);
    run_report(run, slot, resource, 0, findings);
}

void run_notify(struct run *run, const struct resource *resource, json_t *findings,
                bool *unnotified, loop_fn done, void *arg)
{
    const struct delivery order = {
        .run = run, .findings = findings, .unnotified = unnotified, .done = done, .arg = arg};
    start(&order, resource);
}

void run_deliver_job(struct job *job, loop_fn done)
{
    const struct delivery order = {
        .run = job->run, .job = job, .findings = job->findings, .done = done, .arg = job};
    run_compare_job(job);
    start(&order, job->resource);
    run_report(job->run, job->slot, job->resource, job->compliant, job->findings);
    job->reported = true;
}

size_t run_unnotified(const struct run *run)
{
    return run->unnotified;
}
