/* Checks that pass now but whose verdict will change after some time (a new database has a grace
 * period). The other checks are notified at once; for these alone the resource is audited again. */
#include "audit/run_revisit.h"

#include <string.h>

#include "audit/run_internal.h"
#include "audit/run_later.h"
#include "base/log.h"
#include "notify/message_queue.h"
#include "policy/finding.h"
#include "policy/verdict.h"
#include "value/json.h"

const char *run_only_check(const struct policy *policy, const struct resource *resource)
{
    const char *check = json_get_string(resource->line, "check", NULL);
    bool known = check != NULL && finding_check_meta(policy, check) != NULL;
    return known ? check : NULL;
}

/* 0: the finding requests no later audit. A pending finding has "later" as well, but there the
 * whole resource is audited again. */
static int revisit_s(const json_t *finding)
{
    if (verdict_status(finding) != STATUS_COMPLIANT)
        return 0;
    return (int)json_get_integer(finding, "later", 0);
}

static int first_s(const struct job *job)
{
    int first = 0;
    size_t i;
    json_t *finding;
    json_array_foreach (job->findings, i, finding) {
        int this_s = revisit_s(finding);
        if (this_s > 0 && (first == 0 || this_s < first))
            first = this_s;
    }
    return first;
}

static bool is_audited_again_anyway(const struct job *job)
{
    size_t i;
    json_t *finding;
    json_array_foreach (job->findings, i, finding) {
        if (finding_is_transient(finding))
            return true;
    }
    return run_put_off(job) > 0;
}

/* ---- the queue ---- */

static void put(struct message_queue *queue, const struct job *job, const json_t *finding)
{
    json_t *line = run_next_line(job->resource, true);
    finding_set(line, "check", finding_get(finding, "check"));
    message_queue_put(queue, line, revisit_s(finding));
    json_decref(line);
}

/* Twelve attempts, each delayed by at most a quarter of an hour: the next poll finds what takes
 * longer. */
static bool is_in_reach(const struct job *job, const json_t *finding)
{
    int later_s = revisit_s(finding);
    int left = RUN_MAX_ATTEMPTS - job->resource->attempt;
    return later_s > 0 && later_s <= left * MESSAGE_MAX_DELAY_S;
}

static void put_all(struct message_queue *queue, const struct job *job)
{
    size_t i;
    json_t *finding;
    json_array_foreach (job->findings, i, finding) {
        if (is_in_reach(job, finding))
            put(queue, job, finding);
    }
}

/* If the queue refuses them, the source delivers the message again. */
static void on_sent(void *arg, const struct err *err)
{
    struct job *job = arg;
    const struct log_subject subject = resource_subject(job->resource);
    if (err != NULL) {
        log_about(LOG_ERROR, &subject, "%s: cannot be audited again later: %s", subject.id,
                  err->message);
        job->run->status = finding_worse(job->run->status, 1);
        job->again = job->run->options.settled != NULL;
    }
    job->then(job);
}

static bool send(struct job *job, loop_fn then)
{
    struct err err = {0};
    const struct context *context = job->run->options.context;
    if (context->settings->sqs_queue == NULL)
        return false;
    job->then = then;
    struct message_queue *queue =
        message_queue_open(context->message, context->settings->sqs_queue, &err);
    if (queue == NULL) {
        on_sent(job, &err);
        return true;
    }
    put_all(queue, job);
    message_queue_close(queue, on_sent, job);
    return true;
}

bool run_revisit(struct job *job, loop_fn audit, loop_fn then)
{
    int delay_s = first_s(job);
    if (job->revisited || delay_s == 0 || is_audited_again_anyway(job))
        return false;
    if (run_wait_again(job, delay_s, audit))
        return true;
    job->revisited = true;
    return send(job, then);
}
