/* Resources that are not ready: waits for them, or requeues them for a later audit. */
#include "audit/run_later.h"

#include <string.h>

#include "audit/run_internal.h"
#include "audit/run_lanes.h"
#include "base/log.h"
#include "notify/message_queue.h"
#include "policy/finding.h"
#include "policy/verdict.h"
#include "value/json.h"

#define REPAIR_DELAY_S 300 /* until a repair that has no effect yet is audited again */

bool run_may_repeat(const struct job *job)
{
    return job->resource->attempt < RUN_MAX_ATTEMPTS;
}

/* ---- waiting ---- */

static void end_waiting(void *arg)
{
    struct job *job = arg;
    *job->link = job->next_waiting;
    if (job->next_waiting != NULL)
        job->next_waiting->link = job->link;
    job->timer = NULL;
    job->run->waiting_count--;
    job->then(job);
}

bool run_wait(struct job *job, int delay_s, loop_fn then)
{
    struct run *run = job->run;
    const struct context *context = run->options.context;
    if (run->stopped || delay_s > context->settings->wait_s - job->waited_s)
        return false;
    job->waited_s += delay_s;
    job->then = then;
    job->link = &run->waiting;
    job->next_waiting = run->waiting;
    if (job->next_waiting != NULL)
        job->next_waiting->link = &job->next_waiting;
    run->waiting = job;
    run->waiting_count++;
    run_leave(job); /* it takes no room from others, now or when it is audited again */
    job->timer = loop_after(context->loop, (int64_t)delay_s * 1000, end_waiting, job);
    run->pump->go_on(run);
    return true;
}

void run_wake(struct run *run)
{
    while (run->waiting != NULL) {
        struct job *job = run->waiting;
        loop_cancel(run->options.context->loop, job->timer);
        end_waiting(job);
    }
}

/* ---- successive audits ---- */

static bool is_pending(const json_t *finding)
{
    return verdict_status(finding) == STATUS_PENDING;
}

/* "later" may be 0: ready at once. */
int run_put_off(const struct job *job)
{
    int delay_s = 0;
    size_t i;
    json_t *finding;
    json_array_foreach (job->findings, i, finding) {
        int this_s = (int)json_get_integer(finding, "later", REPAIR_DELAY_S);
        this_s = this_s > 0 ? this_s : 1;
        if (is_pending(finding) && this_s > delay_s)
            delay_s = this_s;
    }
    return delay_s;
}

bool run_wait_again(struct job *job, int delay_s, loop_fn then)
{
    if (!run_may_repeat(job) || !run_wait(job, delay_s, then))
        return false;
    if (job->run->options.mode == RUN_CHANGE)
        job->previous = job->findings;
    else
        json_decref(job->findings);
    job->findings = NULL;
    return true;
}

/* Replaces the finding of the same check. */
static void keep(json_t *findings, json_t *previous)
{
    size_t i;
    json_t *finding;
    json_array_foreach (findings, i, finding) {
        if (strcmp(finding_get(finding, "check"), finding_get(previous, "check")) == 0) {
            json_array_set(findings, i, previous);
            return;
        }
    }
    json_array_append(findings, previous);
}

/* A change was made, or tried, or held. */
static bool is_settled(const json_t *finding)
{
    enum verdict_remediation remediation = verdict_remediation(finding);
    return !is_pending(finding) &&
           (remediation == REMEDIATION_FIXED || remediation == REMEDIATION_FAILED ||
            (remediation == REMEDIATION_HELD && !finding_is_transient(finding)));
}

void run_keep_previous(struct job *job)
{
    size_t i;
    json_t *finding;
    json_array_foreach (job->previous, i, finding) {
        if (is_settled(finding))
            keep(job->findings, finding);
    }
    json_decref(job->previous);
    job->previous = NULL;
}

/* ---- the queue ---- */

/* There is no later audit: a finding that was only put off is a failure now. */
static void give_up(struct job *job, const struct err *err)
{
    size_t i;
    json_t *finding;
    json_array_foreach (job->findings, i, finding) {
        if (!is_pending(finding))
            continue;
        verdict_set_remediation(finding, REMEDIATION_FAILED);
        finding_set_error(finding, err);
    }
}

static void on_put_back(void *arg, const struct err *err)
{
    struct job *job = arg;
    struct err why;
    const struct log_subject subject = resource_subject(job->resource);
    job->put_back = err == NULL;
    if (err != NULL) {
        why = *err;
        err_prefix(&why, "not ready, and cannot be audited again later");
        log_about(LOG_ERROR, &subject, "%s: %s", subject.id, why.message);
        give_up(job, &why);
    }
    job->then(job);
}

json_t *run_next_line(const struct resource *resource, bool counted)
{
    json_t *line = resource_to_json(resource);
    json_object_del(line, "delay");
    json_object_set_new(line, "attempt", json_integer(resource->attempt + (counted ? 1 : 0)));
    return line;
}

static void send_line(struct job *job, int delay_s, bool counted, message_done done)
{
    struct err err = {0};
    const struct context *context = job->run->options.context;
    struct message_queue *queue =
        message_queue_open(context->message, context->settings->sqs_queue, &err);
    if (queue == NULL) {
        done(job, &err);
        return;
    }
    json_t *line = run_next_line(job->resource, counted);
    message_queue_put(queue, line, delay_s);
    json_decref(line);
    message_queue_close(queue, done, job);
}

/* If the queue refuses the line, the source delivers it again. */
static void on_sent_again(void *arg, const struct err *err)
{
    struct job *job = arg;
    const struct log_subject subject = resource_subject(job->resource);
    if (err != NULL)
        log_about(LOG_ERROR, &subject, "%s: cannot be audited again later: %s", subject.id,
                  err->message);
    job->put_back = job->resent = err == NULL;
    job->again = err != NULL;
    job->then(job);
}

void run_send_line(struct job *job, int delay_s, bool counted, loop_fn then)
{
    job->then = then;
    send_line(job, delay_s, counted, on_sent_again);
}

static void too_often(struct job *job)
{
    struct err err;
    err_set(&err, ERR_LIMIT, "not ready after %d attempts: not audited again",
            job->resource->attempt);
    give_up(job, &err);
    job->then(job);
}

void run_put_back(struct job *job, int delay_s, loop_fn then)
{
    const struct context *context = job->run->options.context;
    const char *url = context->settings->sqs_queue;
    job->then = then;
    if (url == NULL) {
        then(job);
        return;
    }
    if (!run_may_repeat(job)) {
        too_often(job);
        return;
    }
    send_line(job, delay_s, true, on_put_back);
}
