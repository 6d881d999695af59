#include "work/run.h"

#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "value/json.h"
#include "work/finding.h"
#include "work/run_internal.h"

#define MAX_ATTEMPTS 12
#define MAX_DELAY_S 900 /* Amazon SQS Developer Guide, "delay queues" */

/* One resource on its way. */
struct job {
    struct run *run;
    struct resource *resource;
    const struct policy *policy;
    struct scope scope;
    json_t *findings;
    int waited_s; /* of --wait */
};

static void pull(struct run *run);
static void audit(struct job *job);

struct run *run_new(const struct run_options *options)
{
    struct run *run = mem_alloc(sizeof *run);
    run->options = *options;
    /* Some more than requests: while one resource is being thought about, others ask. */
    run->most = (size_t)options->context->settings->concurrency * 5 / 4 + 1;
    return run;
}

/* What was asked of it is not answered any more, and nothing keeps waiting for it. */
static void drop_source(struct run *run)
{
    if (run->source.free != NULL)
        run->source.free(run->source.self);
    run->source = (struct source){0};
}

void run_free(struct run *run)
{
    if (run == NULL)
        return;
    drop_source(run);
    mem_free(run);
}

int run_status(const struct run *run)
{
    return run->status;
}

static void show_progress(struct run *run)
{
    struct client_stats stats;
    client_stats(run->options.context->client, &stats);
    report_progress(run->options.report, run->finished, run->active, (size_t)stats.calls);
}

static void maybe_done(struct run *run)
{
    if (run->ended && run->active == 0 && run->done != NULL) {
        loop_fn done = run->done;
        run->done = NULL;
        done(run->done_arg);
    }
}

static void finish_job(void *arg)
{
    struct job *job = arg;
    struct run *run = job->run;
    resource_free(job->resource);
    mem_free(job);
    run->active--;
    run->finished++;
    show_progress(run);
    pull(run);
    maybe_done(run);
}

static void deliver(struct job *job, json_t *findings)
{
    run_deliver(job->run, job->resource, findings, finish_job, job);
}

/* ---- not ready yet ---- */

static void audit_again(void *arg)
{
    audit(arg);
}

static void put_back(struct job *job, int delay_s)
{
    struct err err = {0};
    const struct context *context = job->run->options.context;
    const char *url = context->settings->sqs_queue;
    if (url == NULL || job->resource->attempt >= MAX_ATTEMPTS)
        return;
    struct message_queue *queue = message_queue_open(context->message, url, &err);
    if (queue == NULL) {
        log_error("%s", err.message);
        job->run->status = finding_worse(job->run->status, 1);
        return;
    }
    json_t *line = resource_to_json(job->resource);
    json_object_set_new(line, "attempt", json_integer(job->resource->attempt + 1));
    message_queue_put(queue, line, delay_s < MAX_DELAY_S ? delay_s : MAX_DELAY_S);
    json_decref(line);
    message_queue_close(queue, NULL, NULL);
}

/* Waits and looks again while --wait allows; true when it does. */
static bool look_again(struct job *job, int delay_s)
{
    const struct context *context = job->run->options.context;
    if (delay_s > context->settings->wait_s - job->waited_s ||
        job->resource->attempt >= MAX_ATTEMPTS)
        return false;
    job->waited_s += delay_s;
    job->resource->attempt++;
    loop_after(context->loop, (int64_t)delay_s * 1000, audit_again, job);
    return true;
}

/* ---- the audit ---- */

static bool any_with(const json_t *findings, const char *key, const char *value)
{
    size_t i;
    json_t *finding;
    json_array_foreach (findings, i, finding) {
        if (strcmp(finding_get(finding, key), value) == 0)
            return true;
    }
    return false;
}

static void on_repaired(void *arg)
{
    struct job *job = arg;
    if (any_with(job->findings, "status", "pending"))
        put_back(job, 300);
    deliver(job, job->findings);
}

static void on_outcome(struct job *job, const json_t *outcome)
{
    struct run *run = job->run;
    int delay = (int)json_get_integer(outcome, "delay", 300);
    bool later = strcmp(json_get_string(outcome, "state", "ok"), "later") == 0;
    if (later && look_again(job, delay))
        return;
    if (later)
        put_back(job, delay);
    json_t *findings = run_findings(run, job->policy, job->resource, outcome);
    if (run->options.mode == RUN_CHANGE && any_with(findings, "remediation", "planned")) {
        job->findings = findings;
        gate_repair(run->options.gate, job->policy, job->resource, findings, on_repaired, job);
        return;
    }
    deliver(job, findings);
}

static void on_audited(void *arg, const json_t *outcome, const struct err *err)
{
    struct job *job = arg;
    if (err != NULL)
        deliver(job, findings_for_all(job->policy, job->resource, "unknown", err));
    else
        on_outcome(job, outcome);
}

static bool may_fix(void *arg, const char *check, const json_t *tags)
{
    struct job *job = arg;
    return exceptions_match(job->run->options.context->exceptions, job->policy, job->resource,
                            check, tags) == NULL;
}

static void audit(struct job *job)
{
    struct err err = {0};
    const struct context *context = job->run->options.context;
    struct evaluator *evaluator = context->evaluator;
    struct audit_options options = {
        .want_fixes = true, .no_digest = true, .may_fix = may_fix, .may_fix_arg = job};
    if (context_scope(context, job->policy, job->resource->account, job->resource->region,
                      &job->scope, &err) != 0) {
        deliver(job, findings_for_all(job->policy, job->resource, "unknown", &err));
        return;
    }
    evaluator->audit(evaluator->self, job->policy, job->resource, &job->scope, &options, on_audited,
                     job);
}

/* ---- the source ---- */

static void note_bad(struct run *run, const char *message)
{
    log_error("%s", message);
    run->status = finding_worse(run->status, 1);
}

static void on_resource(void *arg, struct resource *resource)
{
    struct run *run = arg;
    struct evaluator *evaluator = run->options.context->evaluator;
    run->pulling = false;
    const struct policy *policy = evaluator->find(evaluator->self, resource->type);
    if (policy == NULL) {
        struct err err;
        err_set(&err, ERR_USAGE, "resource %s: no policy for the type \"%s\" in %s", resource->id,
                resource->type, run->options.context->settings->policies);
        note_bad(run, err.message);
        resource_free(resource);
        pull(run);
        return;
    }
    struct job *job = mem_alloc(sizeof *job);
    job->run = run;
    job->resource = resource;
    job->policy = policy;
    run->active++;
    if (resource->delay <= 0 || !look_again(job, resource->delay))
        audit(job);
    pull(run);
}

static void on_bad(void *arg, const struct err *err)
{
    struct run *run = arg;
    run->pulling = false;
    note_bad(run, err->message);
    pull(run);
}

static void on_end(void *arg)
{
    struct run *run = arg;
    run->pulling = false;
    run->ended = true;
    maybe_done(run);
}

static void pull(struct run *run)
{
    if (run->pulling || run->ended || run->active >= run->most)
        return;
    run->pulling = true;
    run->source.pull(run->source.self);
}

struct source_target run_target(struct run *run)
{
    return (struct source_target){
        .resource = on_resource, .bad = on_bad, .end = on_end, .arg = run};
}

void run_start(struct run *run, struct source source, loop_fn done, void *arg)
{
    run->source = source;
    run->done = done;
    run->done_arg = arg;
    pull(run);
}

void run_stop(struct run *run)
{
    run->ended = true;
    drop_source(run);
    maybe_done(run);
}
