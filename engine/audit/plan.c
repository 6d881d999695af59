#include "audit/plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accounts/trust_record.h"
#include "audit/run_deliver.h"
#include "audit/run_report.h"
#include "audit/run_scope.h"
#include "base/log.h"
#include "base/mem.h"
#include "change/gate_repair.h"
#include "exceptions/exceptions_spell.h"
#include "policy/finding.h"
#include "policy/finding_store.h"
#include "policy/verdict.h"
#include "value/format_version.h"
#include "value/json.h"

#define MAX_PLAN (256u << 20)
#define BLANKS " \t\r\n"

/* Resources are kept in a temporary file as {"resource":{line},"findings":[…]}. */
struct plan {
    struct finding_store *resources;
    json_t *last;  /* the one being read, or NULL */
    json_t *types; /* the types of all */
};

static bool same_resource(const json_t *a, const json_t *b)
{
    static const char *const keys[] = {"account", "region", "type", "id"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (!json_equal(json_object_get(a, keys[i]), json_object_get(b, keys[i])))
            return false;
    }
    return true;
}

static json_t *resource_line(const json_t *finding)
{
    return json_pack("{s:s, s:s, s:s, s:s}", "account", finding_get(finding, "account"), "region",
                     finding_get(finding, "region"), "type", finding_get(finding, "type"), "id",
                     finding_get(finding, "id"));
}

static int check_finding(const json_t *finding, struct err *err)
{
    struct resource *resource = resource_from_json(finding, err);
    bool planned = json_is_array(json_object_get(finding, "steps")) ||
                   json_object_get(finding, "covered_by") != NULL;
    if (resource == NULL)
        return -1;
    resource_free(resource);
    if (trust_record_check(finding, err) != 0)
        return -1;
    /* A finding that waits for the read of another fix has no calls to show, so none are made for
     * it. */
    return planned ? 1 : 0;
}

static void keep_last(struct plan *plan)
{
    if (plan->last == NULL)
        return;
    const json_t *line = json_object_get(plan->last, "resource");
    json_object_set_new_nocheck(plan->types, json_get_string(line, "type", ""), json_true());
    finding_store_put(plan->resources, plan->last);
    json_decref(plan->last);
    plan->last = NULL;
}

static json_t *findings_of(struct plan *plan, const json_t *finding)
{
    if (plan->last == NULL || !same_resource(json_object_get(plan->last, "resource"), finding)) {
        keep_last(plan);
        plan->last = json_pack("{s:o, s:[]}", "resource", resource_line(finding), "findings");
    }
    return json_object_get(plan->last, "findings");
}

/* Findings of one resource are next to each other, because run writes them so. */
static int add_finding(struct plan *plan, json_t *finding, struct err *err)
{
    if (!json_is_object(finding))
        return err_set(err, ERR_PARSE, "a finding should be a JSON object");
    if (json_object_get(finding, "journal") != NULL)
        return err_set(err, ERR_PARSE, "this is a journal, which engine undo and engine show read");
    if (finding_get(finding, "check")[0] == '\0')
        return err_set(err, ERR_PARSE, "this is not a finding of a plan: \"check\" is missing");
    if (format_version_check(finding, LINE_FORMAT_KEY, LINE_FORMAT, err) != 0)
        return -1;
    if (strcmp(finding_get(finding, "check"), FINDING_RUN_COMPLETE) == 0)
        log_warn("this plan is incomplete: %s", finding_get(finding, "summary"));
    if (verdict_remediation(finding) != REMEDIATION_PLANNED)
        return 0;
    int planned = check_finding(finding, err);
    if (planned <= 0)
        return planned;
    /* Steps that are decided later are not part of a plan: only the calls that it shows are
     * made. What was new when the plan was made says nothing about this run. */
    json_object_del(finding, "waits");
    json_object_del(finding, "baseline");
    verdict_set_status(finding, STATUS_NON_COMPLIANT);
    return json_array_append(findings_of(plan, finding), finding);
}

static int add_array(struct plan *plan, const json_t *array, struct err *err)
{
    size_t i;
    json_t *finding;
    json_array_foreach (array, i, finding) {
        if (add_finding(plan, finding, err) != 0)
            return err_prefix(err, "finding %zu", i + 1);
    }
    return 0;
}

/* A finding, a list of them, or an object with such a list, as a report with --compliance is. */
static int add_value(struct plan *plan, json_t *value, struct err *err)
{
    json_t *list = json_is_array(value) ? value : json_object_get(value, "findings");
    return json_is_array(list) ? add_array(plan, list, err) : add_finding(plan, value, err);
}

static int add_line(struct plan *plan, const char *line, size_t length, int number, struct err *err)
{
    if (strspn(line, BLANKS) == length)
        return 0;
    json_t *value = json_parse_line(line, length, err);
    int result = -1;
    if (value == NULL)
        err_prefix(err,
                   "this is not JSON, as `engine plan --output FILE` writes it without --format");
    else
        result = add_value(plan, value, err);
    json_decref(value);
    return result == 0 ? 0 : err_prefix(err, "line %d", number);
}

static int read_lines(FILE *file, struct plan *plan, struct err *err)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t length;
    int result = 0;
    for (int number = 1; result == 0 && (length = getline(&line, &size, file)) >= 0; number++)
        result = add_line(plan, line, (size_t)length, number, err);
    if (result == 0 && ferror(file))
        result = err_set(err, ERR_IO, "%s", strerror(errno));
    free(line);
    return result;
}

static bool begins_value(const char *line)
{
    const char *start = line + strspn(line, BLANKS);
    struct err ignored = {0};
    json_t *value = json_parse_line(line, strlen(line), &ignored);
    json_decref(value);
    return value == NULL && (*start == '[' || *start == '{');
}

/* A report in --format json is one value of many lines: its first line begins a list or an object
 * without ending it. */
static bool is_one_value(FILE *file)
{
    char *line = NULL;
    size_t size = 0;
    bool blank = true, result = false;
    while (blank && getline(&line, &size, file) >= 0) {
        blank = line[strspn(line, BLANKS)] == '\0';
        result = begins_value(line);
    }
    free(line);
    rewind(file);
    return result;
}

static int read_whole(const char *path, struct plan *plan, struct err *err)
{
    json_t *value = json_load_path(path, MAX_PLAN, err);
    int result = value != NULL ? add_value(plan, value, err) : -1;
    json_decref(value);
    return result;
}

void plan_free(struct plan *plan)
{
    if (plan == NULL)
        return;
    finding_store_free(plan->resources);
    json_decref(plan->last);
    json_decref(plan->types);
    mem_free(plan);
}

struct plan *plan_read(const char *path, const char *name, struct err *err)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        err_set(err, ERR_USAGE, "the plan %s cannot be read: %s", name, strerror(errno));
        return NULL;
    }
    struct plan *plan = mem_alloc(sizeof *plan);
    *plan = (struct plan){.resources = finding_store_new(), .types = json_object()};
    int result = is_one_value(file) ? read_whole(path, plan, err) : read_lines(file, plan, err);
    fclose(file);
    keep_last(plan);
    if (result == 0)
        return plan;
    err_prefix(err, "the plan %s", name);
    if (err->kind == ERR_PARSE) /* not a plan: nothing has begun */
        err->kind = ERR_USAGE;
    plan_free(plan);
    return NULL;
}

size_t plan_count(const struct plan *plan)
{
    return finding_store_count(plan->resources);
}

json_t *plan_resource(struct plan *plan, size_t index, struct err *err)
{
    return finding_store_get(plan->resources, index, err);
}

/* ---- applying it ---- */

struct apply {
    const struct context *context;
    struct gate *gate;
    struct run *run;
    struct plan *plan;
    size_t next;
    size_t active, ended;
    struct err failure; /* the plan could not be read again */
    loop_fn done;
    void *arg;
};

struct application {
    struct apply *apply;
    struct resource *resource;
    size_t slot; /* in the report */
    json_t *findings;
};

static void start_more(struct apply *apply);

static const struct policy *policy_of(const struct apply *apply, const char *type)
{
    struct evaluator *evaluator = apply->context->evaluator;
    return evaluator->find(evaluator->self, type);
}

struct apply *apply_new(const struct context *context, struct gate *gate, struct run *run,
                        struct plan *plan, struct err *err)
{
    struct apply *apply = mem_alloc(sizeof *apply);
    const char *type;
    json_t *unused;
    *apply = (struct apply){.context = context, .gate = gate, .run = run, .plan = plan};
    json_object_foreach (plan->types, type, unused) {
        if (policy_of(apply, type) != NULL)
            continue;
        err_set(err, ERR_USAGE,
                "the plan names the type \"%s\", which no policy in %s has: name the folder of its "
                "policy with --policies",
                type, context->settings->policies);
        apply_free(apply);
        return NULL;
    }
    return apply;
}

void apply_free(struct apply *apply)
{
    mem_free(apply);
}

static void on_delivered(void *arg)
{
    struct application *application = arg;
    struct apply *apply = application->apply;
    resource_free(application->resource);
    mem_free(application);
    apply->active--;
    apply->ended++;
    run_show_applied(apply->run, apply->ended, plan_count(apply->plan));
    start_more(apply);
}

static void on_repaired(void *arg)
{
    struct application *application = arg;
    run_deliver(application->apply->run, application->slot, application->resource,
                application->findings, on_delivered, application);
}

/* The current exceptions apply, whichever the plan was made with. The gate applies rules by tag,
 * because it reads the tags. */
static void exempt(const struct apply *apply, const struct policy *policy,
                   const struct resource *resource, json_t *findings)
{
    size_t i;
    json_t *finding;
    json_array_foreach (findings, i, finding) {
        const struct exceptions_subject subject = {
            .policy = policy, .resource = resource, .check = finding_get(finding, "check")};
        const json_t *rule = exceptions_match(apply->context->exceptions, &subject);
        if (rule != NULL)
            gate_exempt(finding, rule);
    }
}

static void start_one(struct apply *apply, const json_t *entry)
{
    struct err err = {0};
    struct application *application = mem_alloc(sizeof *application);
    application->apply = apply;
    application->slot = run_slot(apply->run);
    application->resource = resource_from_json(json_object_get(entry, "resource"), &err);
    application->findings = json_incref(json_object_get(entry, "findings"));
    const struct policy *policy = policy_of(apply, application->resource->type);
    exceptions_prepare(apply->context->exceptions, policy, application->resource);
    exempt(apply, policy, application->resource, application->findings);
    run_note_resource(apply->run, policy, application->resource);
    apply->active++;
    gate_repair(apply->gate, policy, application->resource, application->findings, on_repaired,
                application);
}

/* Nothing more is applied if the plan cannot be read again. */
static void start_next(struct apply *apply)
{
    json_t *entry = plan_resource(apply->plan, apply->next++, &apply->failure);
    if (entry != NULL)
        start_one(apply, entry);
    else
        apply_stop(apply);
    json_decref(entry);
}

static void start_more(struct apply *apply)
{
    const size_t most = (size_t)apply->context->settings->concurrency;
    while (apply->active < most && apply->next < plan_count(apply->plan))
        start_next(apply);
    if (apply->active == 0 && apply->done != NULL) {
        loop_fn done = apply->done;
        apply->done = NULL;
        done(apply->arg);
    }
}

void apply_start(struct apply *apply, loop_fn done, void *arg)
{
    apply->done = done;
    apply->arg = arg;
    start_more(apply);
}

void apply_stop(struct apply *apply)
{
    apply->next = plan_count(apply->plan);
}

const struct err *apply_failure(const struct apply *apply)
{
    return apply->failure.kind != ERR_NONE ? &apply->failure : NULL;
}
