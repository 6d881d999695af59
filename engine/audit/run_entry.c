#include "audit/run_entry.h"

#include <string.h>

#include "audit/run_compare.h"
#include "audit/run_deliver.h"
#include "audit/run_report.h"
#include "audit/run_resolve.h"
#include "base/mem.h"
#include "baseline/baseline.h"
#include "policy/finding.h"
#include "policy/finding_entry.h"
#include "state/state_table.h"
#include "value/json.h"

/* Calls `done` when the account's finding has been notified. */
struct waiter {
    struct job *job; /* NULL: a target */
    loop_fn done;
    void *arg;
    struct waiter *next;
};

struct refused {
    struct run *run;
    struct resource *place;
    json_t *finding;
    json_t *resources; /* by type: the number of lines that were not audited */
    size_t places;     /* not listed */
    bool notified;     /* whatever became of it */
    bool unnotified;   /* the notification failed */
    bool reported;
    struct waiter *waiters;
    struct refused *next;
};

struct entries {
    struct refused *refused; /* by account */
    json_t *open;            /* accounts of which something could be read */
};

struct entries *run_entries(void)
{
    struct entries *entries = mem_alloc(sizeof *entries);
    *entries = (struct entries){.open = json_object()};
    return entries;
}

static void free_refused(struct refused *refused)
{
    while (refused->waiters != NULL) {
        struct waiter *waiter = refused->waiters;
        refused->waiters = waiter->next;
        mem_free(waiter);
    }
    resource_free(refused->place);
    json_decref(refused->finding);
    json_decref(refused->resources);
    mem_free(refused);
}

void run_free_entries(struct entries *entries)
{
    if (entries == NULL)
        return;
    while (entries->refused != NULL) {
        struct refused *refused = entries->refused;
        entries->refused = refused->next;
        free_refused(refused);
    }
    json_decref(entries->open);
    mem_free(entries);
}

/* ---- the notification ---- */

/* The last waiter may end the run: nothing is used after it. */
static void on_notified(void *arg)
{
    struct refused *refused = arg;
    struct waiter *waiter = refused->waiters;
    refused->notified = true;
    refused->waiters = NULL;
    bool again = refused->unnotified;
    while (waiter != NULL) {
        const struct waiter now = *waiter;
        mem_free(waiter);
        waiter = now.next;
        if (now.job != NULL)
            now.job->again |= again;
        now.done(now.arg);
    }
}

static void notify(struct refused *refused)
{
    json_t *findings = json_array();
    json_array_append(findings, refused->finding);
    run_notify(refused->run, refused->place, findings, &refused->unnotified, on_notified, refused);
}

static void wait(struct refused *refused, struct job *job, loop_fn done, void *arg)
{
    if (refused->notified) {
        if (job != NULL)
            job->again |= refused->unnotified;
        loop_defer(refused->run->options.context->loop, done, arg);
        return;
    }
    struct waiter *waiter = mem_alloc(sizeof *waiter);
    *waiter = (struct waiter){.job = job, .done = done, .arg = arg, .next = refused->waiters};
    refused->waiters = waiter;
}

/* ---- accounts that cannot be entered ---- */

static struct resource *place_of(const struct run *run, const struct resource *resource)
{
    const char *master = run->options.context->settings->master_region;
    return finding_entry_place(resource->account, master != NULL ? master : resource->region);
}

static struct refused *refuse(struct run *run, const struct resource *resource, const json_t *error)
{
    struct refused *refused = mem_alloc(sizeof *refused);
    *refused =
        (struct refused){.run = run, .place = place_of(run, resource), .resources = json_object()};
    refused->finding = finding_not_entered(refused->place, error);
    if (run->options.context->state != NULL)
        state_table_ask_again(run->options.context->state, resource->account);
    notify(refused);
    return refused;
}

static struct refused **find(const struct run *run, const char *account)
{
    struct refused **link = &run->entries->refused;
    while (*link != NULL && strcmp((*link)->place->account, account) < 0)
        link = &(*link)->next;
    return link;
}

static bool is_refused(const struct run *run, const char *account)
{
    const struct refused *refused = *find(run, account);
    return refused != NULL && strcmp(refused->place->account, account) == 0;
}

static struct refused *refused_of(struct run *run, const struct resource *resource,
                                  const json_t *error)
{
    struct refused **link = find(run, resource->account);
    if (!is_refused(run, resource->account)) {
        struct refused *refused = refuse(run, resource, error);
        refused->next = *link;
        *link = refused;
    }
    return *link;
}

/* The line of a target may stand for several (the poller function sends one for an account). */
static void count(struct refused *refused, const struct resource *resource)
{
    json_int_t before = json_get_integer(refused->resources, resource->type, 0);
    if (strcmp(resource->id, "*") == 0)
        refused->places += (size_t)json_get_integer(resource->line, "places", 1);
    else
        json_object_set_new(refused->resources, resource->type, json_integer(before + 1));
}

/* ---- what was done ---- */

static const json_t *error_of(const json_t *finding)
{
    return json_object_get(finding, "error");
}

static bool are_all_refused(const struct job *job)
{
    size_t i;
    json_t *finding;
    json_array_foreach (job->findings, i, finding) {
        if (!finding_entry_refused(error_of(finding), job->resource->account))
            return false;
    }
    return job->compliant == 0 && json_array_size(job->findings) > 0;
}

/* AWS answered a call that was made in the account. */
static bool was_read(const json_t *finding)
{
    const json_t *error = error_of(finding);
    return error == NULL || (strcmp(json_get_string(error, "kind", ""), "api") == 0 &&
                             json_get_string(error, "operation", "")[0] != '\0');
}

static void note_read(const struct job *job)
{
    size_t i;
    json_t *finding;
    bool read = job->compliant > 0;
    json_array_foreach (job->findings, i, finding)
        read |= was_read(finding);
    if (read)
        run_entry_open(job->run, job->resource->account);
}

bool run_entry_refused(struct job *job, loop_fn done)
{
    if (!are_all_refused(job)) {
        note_read(job);
        return false;
    }
    const json_t *error = error_of(json_array_get(job->findings, 0));
    struct refused *refused = refused_of(job->run, job->resource, error);
    count(refused, job->resource);
    run_compare_job(job);
    json_decref(job->findings);
    job->findings = NULL;
    wait(refused, job, done, job);
    return true;
}

static void leave(void *arg)
{
    struct run *run = arg;
    run->active--;
    run->pump->go_on(run);
}

bool run_entry_unlisted(struct run *run, size_t slot, struct resource *target, const json_t *error)
{
    if (!finding_entry_refused(error, target->account))
        return false;
    struct refused *refused = refused_of(run, target, error);
    count(refused, target);
    run_no_answer(run, slot);
    resource_free(target);
    run->active++;
    wait(refused, NULL, leave, run);
    return true;
}

void run_entry_open(struct run *run, const char *account)
{
    const struct context *context = run->options.context;
    json_t *open = run->entries->open;
    if (json_object_get(open, account) != NULL || is_refused(run, account))
        return;
    json_object_set_new(open, account, json_true());
    struct resource *place = finding_entry_place(account, context->settings->master_region);
    if (context->baseline != NULL)
        baseline_note_entered(context->baseline, place);
    if (run_is_notified_once(run) && state_table_is_to_ask(context->state, account))
        run_resolve(run, place, finding_entered(place));
    else
        resource_free(place);
}

/* ---- the end ---- */

/* Source: AWS Security Hub User Guide, "AwsAccount", and the resources of its control Account.1. */
static void set_names(const struct run *run, json_t *finding)
{
    enum settings_format format = run->options.context->settings->format;
    if (format != FORMAT_ASFF && format != FORMAT_OCSF)
        return;
    char *id = mem_printf("AWS::::Account:%s", finding_get(finding, "account"));
    json_object_set_new(finding, "names", json_pack("{s:s, s:s}", "type", "AwsAccount", "arn", id));
    mem_free(id);
}

void run_report_entries(struct run *run)
{
    struct refused *refused = run->entries->refused;
    for (; refused != NULL; refused = refused->next) {
        if (refused->reported)
            continue;
        refused->reported = true;
        finding_entry_count(refused->finding, refused->resources, refused->places);
        set_names(run, refused->finding);
        report_add(run->options.report, refused->finding);
    }
}
