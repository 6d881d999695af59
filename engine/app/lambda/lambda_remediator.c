/* remediator: a batch of resource lines from the queue, audited (and repaired) at the same time. A
 * message is done when its findings are delivered; the others are delivered again. The function
 * deletes no messages: the event source mapping does. */
#include "app/lambda/lambda_remediator.h"

#include <stdio.h>
#include <string.h>

#include "app/lambda/lambda_batch.h"
#include "app/services/change_run.h"
#include "app/services/metric.h"
#include "app/services/services_policies.h"
#include "app/services/services_start.h"
#include "audit/run_deliver.h"
#include "audit/run_entry.h"
#include "audit/run_lists.h"
#include "audit/run_plans.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "policy/finding.h"
#include "report/report_totals.h"
#include "state/state_table.h"

/* A resource of the batch in the run. */
struct handed {
    struct resource *resource; /* NULL: not in the run, or settled */
    int64_t began_ms;
    int64_t took_ms; /* -1: not settled */
};

struct remediator {
    struct services *services;
    struct batch *batch;         /* of the invocation */
    struct resource **resources; /* by item, until passed to the run; NULL: unreadable */
    struct handed *handed;       /* by item */
    size_t next;
    bool pulled; /* the run waits for the next resource */
    bool dropped;
    struct source_target target;
    struct change_run change_run;
};

/* The caller's own account is trusted. If it cannot be determined, the messages are delivered
 * again. */
static bool needs_caller(const struct settings *settings)
{
    (void)settings;
    return true;
}

/* ---- the batch as the run's source ---- */

static void give(void *arg)
{
    struct remediator *job = arg;
    if (job->dropped || !job->pulled)
        return;
    job->pulled = false;
    while (job->next < job->batch->count && job->resources[job->next] == NULL)
        job->next++;
    if (job->next == job->batch->count) {
        job->target.end(job->target.arg);
        return;
    }
    struct resource *resource = job->resources[job->next];
    job->resources[job->next] = NULL;
    job->handed[job->next] =
        (struct handed){.resource = resource, .began_ms = clock_mono_ms(), .took_ms = -1};
    job->next++;
    job->target.resource(job->target.arg, resource);
}

static void pull(void *self)
{
    struct remediator *job = self;
    job->pulled = true;
    loop_defer(job->services->loop, give, job);
}

static void drop(void *self)
{
    struct remediator *job = self;
    job->dropped = true;
}

static void on_settled(void *arg, const struct resource *resource, bool again)
{
    struct remediator *job = arg;
    for (size_t i = 0; i < job->next; i++) {
        struct handed *handed = &job->handed[i];
        if (handed->resource != resource)
            continue;
        job->batch->items[i].done = !again;
        handed->resource = NULL;
        handed->took_ms = clock_mono_ms() - handed->began_ms;
        return;
    }
}

/* ---- reading the batch ---- */

/* NULL: the message is invalid, and will be invalid the next time; the queue's receive count moves
 * it to the dead-letter queue. */
static struct resource *read_line(struct remediator *job, const struct batch_item *item)
{
    struct err err = {0};
    const struct evaluator *evaluator = job->services->context.evaluator;
    struct resource *resource = resource_parse(item->body, item->length, &err);
    if (resource != NULL && evaluator->find(evaluator->self, resource->type) == NULL) {
        err_set(&err, ERR_PARSE, "no policy for the type \"%s\"", resource->type);
        resource_free(resource);
        resource = NULL;
    }
    if (resource == NULL)
        log_error("message %.100s: %s", item->id, err.message);
    return resource;
}

static void read_batch(struct remediator *job)
{
    size_t count = job->batch->count + 1;
    job->resources = mem_alloc(count * sizeof *job->resources);
    job->handed = mem_alloc(count * sizeof *job->handed);
    for (size_t i = 0; i < job->batch->count; i++)
        job->resources[i] = read_line(job, &job->batch->items[i]);
}

static void free_job(struct remediator *job)
{
    for (size_t i = 0; i < job->batch->count && job->resources != NULL; i++)
        resource_free(job->resources[i]);
    mem_free(job->resources);
    mem_free(job->handed);
    mem_free(job);
}

/* ---- the invocation ---- */

static int open_run(struct remediator *job, struct err *err)
{
    job->change_run = (struct change_run){.services = job->services,
                                          .mode = change_run_mode(job->services),
                                          .settled = on_settled,
                                          .settled_arg = job};
    return change_run_open(&job->change_run, NULL, err);
}

/* Reported once, and again when the reason changes: every invocation would find the same. */
static void report_rules_unreadable(struct services *services, struct run *run)
{
    services->rules_readable_reported = false;
    if (strcmp(services->rules_error_reported, services->rules_error.message) == 0)
        return;
    snprintf(services->rules_error_reported, sizeof services->rules_error_reported, "%s",
             services->rules_error.message);
    run_rules_unreadable(run, &services->rules_error);
}

static void report_rules_readable(struct services *services, struct run *run)
{
    services->rules_error_reported[0] = '\0';
    if (!services->rules_readable_reported)
        run_rules_readable(run);
    services->rules_readable_reported = true;
}

/* If the notification failed, the next invocation reports it again. */
static void report_rules_again(struct services *services)
{
    services->rules_error_reported[0] = '\0';
    services->rules_readable_reported = false;
}

static void start(struct invocation *invocation)
{
    struct remediator *job = mem_alloc(sizeof *job);
    job->services = invocation->services;
    job->batch = &invocation->batch;
    read_batch(job);
    if (open_run(job, &invocation->err) != 0) {
        change_run_close(&job->change_run);
        free_job(job);
        return;
    }
    invocation->own = job;
    if (job->services->audit_only)
        report_rules_unreadable(job->services, job->change_run.run);
    else
        report_rules_readable(job->services, job->change_run.run);
    job->target = run_target(job->change_run.run);
    const struct source source = {.pull = pull, .free = drop, .self = job};
    run_start(job->change_run.run, source, services_let_end, NULL);
}

static void stop(struct invocation *invocation)
{
    struct remediator *job = invocation->own;
    job->change_run.out_of_time = true;
    run_stop(job->change_run.run);
}

static void reply(struct invocation *invocation)
{
    const struct remediator *job = invocation->own;
    metric_count("NotificationsFailed", run_unnotified(job->change_run.run), NULL);
    if (run_unnotified(job->change_run.run) > 0)
        report_rules_again(job->services);
}

/* Each status, each severity of what is left, each result of a repair, and each cause of what is
 * unknown is a metric of its own. */
static void measure_findings(const struct report_totals *totals, struct metric_line *line)
{
    static const char *const severities[] = {"Critical", "High", "Medium", "Low"};
    static const char *const causes[] = {[CAUSE_REFUSED] = "UnknownRefused",
                                         [CAUSE_THROTTLED] = "UnknownThrottled",
                                         [CAUSE_NO_ANSWER] = "UnknownNoAnswer",
                                         [CAUSE_OTHER] = "UnknownOther"};
    const size_t *by_total = totals->by_total;
    metric_line_count(line, "Resources", totals->resources);
    metric_line_count(line, "Checks", totals->checks);
    metric_line_count(line, "NonCompliant",
                      by_total[TOTAL_NONE] + by_total[TOTAL_AVAILABLE] + by_total[TOTAL_PLANNED] +
                          by_total[TOTAL_HELD] + by_total[TOTAL_FAILED]);
    metric_line_count(line, "Unknown", by_total[TOTAL_UNKNOWN]);
    metric_line_count(line, "Exempt", by_total[TOTAL_EXEMPT]);
    metric_line_count(line, "Pending", by_total[TOTAL_PENDING]);
    metric_line_count(line, "RepairsFixed", by_total[TOTAL_FIXED]);
    metric_line_count(line, "RepairsFailed", by_total[TOTAL_FAILED]);
    metric_line_count(line, "RepairsHeld", by_total[TOTAL_HELD]);
    for (size_t i = 0; i < sizeof severities / sizeof *severities; i++)
        metric_line_count(line, severities[i], totals->open_by_severity[i]);
    for (size_t i = 0; i < CAUSE_COUNT; i++)
        metric_line_count(line, causes[i], totals->unknown_by_cause[i]);
}

static void measure(const struct invocation *invocation, struct metric_line *line)
{
    const struct remediator *job = invocation->own;
    run_report_entries(job->change_run.run);
    measure_findings(report_counts(job->change_run.report), line);
    for (size_t i = 0; i < job->next; i++) {
        if (job->handed[i].began_ms > 0 && job->handed[i].took_ms >= 0)
            metric_line_time(line, "ResourceTime", job->handed[i].took_ms);
    }
}

static void finish(struct invocation *invocation)
{
    struct remediator *job = invocation->own;
    change_run_close(&job->change_run);
    free_job(job);
}

static int check(const struct settings *settings, struct err *err)
{
    return state_table_check(settings, err) == 0 ? run_plans_check(settings, err) : -1;
}

const struct lambda_handler lambda_remediator = {.name = "remediator",
                                                 .check = check,
                                                 .load = services_to_repair,
                                                 .needs_caller = needs_caller,
                                                 .takes_batch = true,
                                                 .start = start,
                                                 .stop = stop,
                                                 .reply = reply,
                                                 .measure = measure,
                                                 .free = finish};
