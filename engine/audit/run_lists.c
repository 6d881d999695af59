/* What a list of lines says about itself: whether it is complete, and which targets are missing. A
 * target that could not be listed gets its own finding, so that readers know what was not
 * audited. */
#include "audit/run_lists.h"

#include <stdint.h>
#include <string.h>

#include "audit/run_deliver.h"
#include "audit/run_entry.h"
#include "audit/run_internal.h"
#include "audit/run_lanes.h"
#include "audit/run_plan.h"
#include "audit/run_report.h"
#include "audit/run_resolve.h"
#include "audit/run_scope.h"
#include "audit/run_unanswered.h"
#include "base/log.h"
#include "base/mem.h"
#include "baseline/baseline.h"
#include "exceptions/exceptions_spell.h"
#include "policy/finding.h"
#include "policy/identity.h"
#include "policy/words.h"
#include "value/json.h"

#define CROWD 4 /* times as many resources as work at a time */

size_t run_lists(struct run *run, size_t count)
{
    size_t first = order_group(run->order);
    for (size_t i = 1; i < count; i++)
        order_group(run->order);
    order_close(run->order, run->lines);
    return first;
}

void run_note_listing(struct run *run, const struct run_listing *listing)
{
    run->listing = *listing;
}

bool run_is_crowded(const struct run *run)
{
    return run->active > CROWD * run->most;
}

size_t run_reserve(struct run *run, size_t list)
{
    run->open_slots++;
    return order_take(run->order, list);
}

void run_end_list(struct run *run, size_t list)
{
    order_close(run->order, list);
}

struct unlisted {
    struct run *run;
    struct resource *target;
};

static void on_delivered(void *arg)
{
    struct unlisted *unlisted = arg;
    struct run *run = unlisted->run;
    resource_free(unlisted->target);
    mem_free(unlisted);
    run->active--;
    run->pump->go_on(run);
}

void run_unlisted(struct run *run, size_t slot, struct resource *target, const json_t *error)
{
    if (run_entry_unlisted(run, slot, target, error))
        return;
    struct unlisted *unlisted = mem_alloc(sizeof *unlisted);
    const struct evaluator *evaluator = run->options.context->evaluator;
    const struct policy *policy = evaluator->find(evaluator->self, target->type);
    json_t *findings = json_array();
    json_array_append_new(findings, finding_unlisted(policy, target, error));
    *unlisted = (struct unlisted){.run = run, .target = target};
    run->active++;
    run_deliver(run, slot, target, findings, on_delivered, unlisted);
}

void run_listed(struct run *run, const struct policy *policy, const char *account,
                const char *region)
{
    if (run->options.context->baseline != NULL)
        baseline_note_listed(run->options.context->baseline, policy, account, region);
    run_note_listed(run, policy, account, region);
    run_entry_open(run, account);
    if (!run_is_notified_once(run))
        return;
    struct resource *target = resource_new(account, region, policy->type, "*");
    run_resolve(run, target, finding_listed(policy, target));
}

void run_rules_readable(struct run *run)
{
    if (run_is_notified_once(run))
        run_resolve(run, resource_new("*", "*", "run", "*"), finding_rules_readable());
}

/* In the form that the poller function writes. */
static bool is_unlisted(const struct resource *resource)
{
    return strcmp(resource->id, "*") == 0 && json_object_get(resource->line, "error") != NULL;
}

static json_t *found_unlisted(const struct job *job)
{
    const json_t *error = json_object_get(job->resource->line, "error");
    json_t *findings = json_array();
    json_array_append_new(findings, finding_unlisted(job->policy, job->resource, error));
    return findings;
}

/* The next poll audits the resources that exist. */
static void pass_over(void *arg, const char *id, const json_t *options)
{
    (void)arg, (void)id, (void)options;
}

static void on_target_listed(void *arg, const struct err *err)
{
    struct job *job = arg;
    json_t *error = err != NULL ? finding_error_json(err) : NULL;
    job->findings = json_array();
    json_array_append_new(job->findings, error != NULL
                                             ? finding_unlisted(job->policy, job->resource, error)
                                             : finding_listed(job->policy, job->resource));
    json_decref(error);
    job->run->pump->deliver(job);
}

void run_list_target(struct job *job)
{
    struct err err = {0};
    const struct evaluator *evaluator = job->run->options.context->evaluator;
    bool can = json_get_bool(job->policy->meta, "discover", false);
    if (!can)
        err_set(&err, ERR_PARAM, "resources of the type %s are not listed", job->policy->type);
    if (can && run_scope(job, &err) == 0)
        evaluator->discover(evaluator->self, job->policy, &job->scope, pass_over, on_target_listed,
                            job);
    else
        on_target_listed(job, &err);
}

static void name(struct job *job)
{
    struct err err = {0};
    const struct context *context = job->run->options.context;
    job->is_target = strcmp(job->resource->id, "*") == 0 && !is_unlisted(job->resource);
    if (job->is_target)
        return;
    if (is_unlisted(job->resource)) {
        job->findings = found_unlisted(job);
    } else if (identity_make_canonical(context->evaluator, job->policy, job->resource, &err) == 0) {
        exceptions_prepare(context->exceptions, job->policy, job->resource);
    } else {
        job->misnamed = mem_alloc(sizeof err);
        *job->misnamed = err;
    }
}

struct job *run_named_job(struct run *run, const struct entrant *entrant)
{
    struct job *job = run_job(run, entrant);
    name(job);
    run_note_resource(run, job->policy, job->resource);
    return job;
}

void run_rules_unreadable(struct run *run, const struct err *err)
{
    struct unlisted *unlisted = mem_alloc(sizeof *unlisted);
    json_t *findings = json_array();
    json_array_append_new(findings, finding_rules_unreadable(err));
    *unlisted = (struct unlisted){.run = run, .target = resource_new("*", "*", "run", "*")};
    run->active++;
    run_deliver(run, run_slot(run), unlisted->target, findings, on_delivered, unlisted);
}

static int report_failed(struct run *run, const json_t *entry, struct err *err)
{
    json_t *line = json_is_object(entry) ? json_copy((json_t *)(uintptr_t)entry) : json_object();
    finding_set(line, "id", "*");
    struct resource *target = resource_from_json(line, err);
    json_decref(line);
    if (target == NULL)
        return err_prefix(err, "a place that could not be listed");
    run_unlisted(run, run_slot(run), target, json_object_get(entry, "error"));
    return 0;
}

/* An event did not say which resource it is about, and the resources were not listed since. */
static json_t *unlisted_target(const json_t *asked)
{
    json_t *entry = json_copy((json_t *)(uintptr_t)asked);
    json_object_set(entry, "type", json_object_get(asked, "resource_type"));
    json_object_set_new(
        entry, "error",
        json_string("an event named no resource of this type; engine scan audits all of them"));
    return entry;
}

void run_take_mark(struct run *run, const json_t *mark)
{
    struct err err = {0};
    size_t i;
    json_t *entry;
    const char *word = json_get_string(mark, "poll", "");
    run->lists_started += strcmp(word, "begin") == 0;
    run->lists_ended += strcmp(word, "end") == 0;
    if (strcmp(json_get_string(mark, "type", ""), "poll") == 0) {
        json_t *target = unlisted_target(mark);
        if (report_failed(run, target, &err) != 0)
            run_note_bad(run, err.message);
        json_decref(target);
    }
    json_array_foreach (json_object_get(mark, "failed"), i, entry) {
        if (report_failed(run, entry, &err) != 0)
            run_note_bad(run, err.message);
    }
}

void run_refuse_type(struct run *run, size_t slot, struct resource *resource)
{
    struct err err = {0};
    char *label = mem_printf("resource %s", resource->id);
    words_type(run->options.context->evaluator, &(struct word){label, resource->type, false}, &err);
    mem_free(label);
    run_note_bad(run, err.message);
    run_no_answer(run, slot);
    resource_free(resource);
}

void run_note_bad(struct run *run, const char *message)
{
    log_error("%s", message);
    if (run->bad++ == 0)
        run->first_bad = mem_strdup(message);
    run->status = finding_worse(run->status, 1);
}

#define CUT "the list of lines is incomplete: not everything that engine poll wrote has arrived"

static bool is_cut(const struct run *run)
{
    return run->source_ended && run->lists_started != run->lists_ended;
}

void run_end_lists(struct run *run)
{
    run->source_ended = true;
    if (!is_cut(run))
        return;
    log_error("%s", CUT);
    run->status = finding_worse(run->status, 1);
}

void run_report_missing(struct run *run)
{
    struct report *report = run->options.report;
    struct entrant entrant;
    while (run_next_parked(run, true, &entrant))
        run_named_job(run, &entrant);
    run_answer_all(run);
    order_flush(run->order);
    run_report_entries(run);
    if (!run->stopped && (run->open_slots > 0 || (run->source.pull != NULL && !run->ended))) {
        report_missing(report, "internal",
                       "internal error: not every line was answered; please report this");
        run->status = 1;
    }
    if (is_cut(run))
        report_missing(report, "cut", CUT);
    if (run->bad == 0)
        return;
    char *text = run->bad == 1 ? mem_printf("a line is not a resource: %s", run->first_bad)
                               : mem_printf("%zu lines are not resources, the first: %s", run->bad,
                                            run->first_bad);
    report_missing(report, "line", text);
    mem_free(text);
}
