#include "audit/run_plan.h"

#include <string.h>

#include "audit/run_internal.h"
#include "audit/run_revisit.h"
#include "base/mem.h"
#include "change/admission.h"
#include "change/steps_check.h"
#include "exceptions/exceptions_rule.h"
#include "policy/finding.h"
#include "policy/selection.h"
#include "policy/verdict.h"
#include "value/json.h"

/* How long after a listing an audit may use what it said. */
#define LISTED_MS 300000

/* An audit only shows a repair: "available"; a plan and a change call it "planned". A planned
 * finding is read again by apply, so it says in which version of the format it is. A plan also says
 * who made it. */
static void mark_repairable(const struct run *run, json_t *finding)
{
    bool audit = run->options.mode == RUN_AUDIT;
    verdict_set_remediation(finding, audit ? REMEDIATION_AVAILABLE : REMEDIATION_PLANNED);
    if (!audit)
        json_object_set_new(finding, LINE_FORMAT_KEY, json_integer(LINE_FORMAT));
    if (run->options.mode == RUN_PLAN && run->options.made_by != NULL)
        json_object_set(finding, FINDING_MADE_BY, run->options.made_by);
}

/* Steps whose parameters AWS would refuse, or that could not be undone, are an error in the policy:
 * the plan contains none of them. */
static void mark_steps(const struct run *run, json_t *finding, json_t *steps)
{
    struct err err = {0};
    struct model_set *models = client_models(run->options.context->client);
    if (steps_check(models, finding_get(finding, "check"), steps, &err) == 0) {
        mark_repairable(run, finding);
        json_object_set(finding, "steps", steps);
    } else {
        json_object_del(finding, "steps");
        verdict_set_remediation(finding, REMEDIATION_FAILED);
        finding_set_error(finding, &err);
    }
}

/* If the fix was not run, the finding keeps its remediation: available if there is a fix. */
static void mark_fix(const struct run *run, json_t *finding, const json_t *entry)
{
    switch (verdict_fix(entry)) {
    case FIX_UNASKED: break;
    case FIX_NONE: verdict_set_remediation(finding, REMEDIATION_NONE); break;
    case FIX_STEPS: mark_steps(run, finding, json_object_get(entry, "steps")); break;
    case FIX_COVERED:
        mark_repairable(run, finding);
        json_object_set(finding, "covered_by", json_object_get(entry, "covered_by"));
        break;
    case FIX_WAITS:
        mark_repairable(run, finding);
        json_object_set_new(finding, "waits", json_true());
        break;
    case FIX_HELD:
        verdict_set_remediation(finding, REMEDIATION_HELD);
        json_object_set(finding, "held", json_object_get(entry, "held"));
        break;
    case FIX_FAILED:
        verdict_set_remediation(finding, REMEDIATION_FAILED);
        json_object_set(finding, "error", json_object_get(entry, "error"));
        break;
    }
}

/* " (why)": the operation and its code, which are the same each time, or the policy's own error.
 * mem_free. */
static char *untagged_why(const json_t *outcome)
{
    const json_t *error = json_object_get(outcome, "tags_error");
    const char *operation = json_get_string(error, "operation", "");
    const char *code = json_get_string(error, "code", "");
    const char *message = json_get_string(error, "message", "");
    if (operation[0] != '\0' && code[0] != '\0')
        return mem_printf(" (%s: %s)", operation, code);
    return message[0] != '\0' ? mem_printf(" (%s)", message) : mem_strdup("");
}

/* Held because an exception might match: that depends on the tags or the region, which are not
 * known. */
static void mark_doubt(json_t *finding, const char *rule, const json_t *outcome)
{
    bool has_tags = json_is_object(json_object_get(outcome, "tags"));
    char *cause = has_tags ? mem_strdup("") : untagged_why(outcome);
    char *why = mem_printf("the exception %s depends on %s, and %s of this resource %s not known%s",
                           rule, has_tags ? "a region" : "tags", has_tags ? "that" : "those",
                           has_tags ? "is" : "are", cause);
    verdict_set_remediation(finding, REMEDIATION_HELD);
    finding_set(finding, "held", why);
    mem_free(why);
    mem_free(cause);
}

/* Marks a fix that REPAIR does not admit as held. */
static bool mark_refused(const struct run *run, const struct exceptions_subject *subject,
                         const json_t *meta, json_t *finding)
{
    const struct admission *admission = run->options.context->admission;
    if (admission == NULL || !json_get_bool(meta, "fix", false))
        return false;
    char *why = admission_refusal(admission, subject->policy, subject->check, meta,
                                  subject->resource->account);
    if (why == NULL)
        return false;
    verdict_set_remediation(finding, REMEDIATION_HELD);
    finding_set(finding, "held", why);
    mem_free(why);
    return true;
}

/* Is the fix admitted by REPAIR? */
static bool is_admitted(const struct job *job, const char *check)
{
    const struct admission *admission = job->run->options.context->admission;
    if (admission == NULL)
        return true;
    char *why = admission_refusal(admission, job->policy, check,
                                  finding_check_meta(job->policy, check), job->resource->account);
    mem_free(why);
    return why == NULL;
}

/* A fix takes time and may make more reads: it runs only where its steps are made, planned or
 * shown. */
static bool wants_fixes(const struct run *run)
{
    return run->options.mode != RUN_AUDIT || run->options.context->settings->steps;
}

int run_scope(struct job *job, struct err *err)
{
    const struct run *run = job->run;
    if (context_scope(run->options.context, job->policy, job->resource->account,
                      job->resource->region, &job->scope, err) != 0)
        return -1;
    if (run->options.mode == RUN_PLAN)
        trust_record_start(&job->trust, &job->scope);
    return 0;
}

static bool may_fix(void *arg, const struct audit_asked *asked)
{
    struct job *job = arg;
    struct exceptions *exceptions = job->run->options.context->exceptions;
    return exceptions_may_fix(exceptions, job->policy, job->resource, asked) &&
           is_admitted(job, asked->check);
}

/* What the listing said, if it said so a short time ago. The first audit takes it. */
static void take_listed(struct job *job)
{
    struct err ignored = {0};
    struct resource *resource = job->resource;
    int64_t age_ms = loop_now(job->run->options.context->loop) - resource->listed_ms;
    if (resource->listed != NULL && age_ms <= LISTED_MS)
        job->listed = json_parse(resource->listed, strlen(resource->listed), &ignored);
    mem_free(resource->listed);
    resource->listed = NULL;
}

void run_drop_listed(struct job *job)
{
    json_decref(job->listed);
    job->listed = NULL;
}

struct audit_options run_audit_options(struct job *job)
{
    const struct context *context = job->run->options.context;
    const struct exceptions *exceptions = context->exceptions;
    bool again = job->audited;
    job->audited = true;
    take_listed(job);
    return (struct audit_options){.want_fixes = wants_fixes(job->run),
                                  .only_check = run_only_check(job->policy, job->resource),
                                  .checks = context->selected,
                                  .no_digest = true,
                                  .trace = context->settings->explain,
                                  .want_region = exceptions_ask_region(exceptions, job->policy),
                                  .tags =
                                      exceptions_ask_tags(exceptions, job->policy, job->resource),
                                  .listed = job->listed,
                                  .alone = again,
                                  .may_fix = may_fix,
                                  .may_fix_arg = job};
}

static void mark_failing(const struct run *run, const struct exceptions_subject *subject,
                         const json_t *meta, const json_t *outcome, const json_t *entry,
                         json_t *finding)
{
    struct exceptions *exceptions = run->options.context->exceptions;
    const json_t *rule = exceptions_match(exceptions, subject);
    const char *doubt = rule == NULL ? exceptions_doubt(exceptions, subject) : NULL;
    if (rule != NULL)
        finding_exempt(finding, rule);
    else if (doubt != NULL && json_get_bool(meta, "fix", false))
        mark_doubt(finding, doubt, outcome);
    else if (!mark_refused(run, subject, meta, finding))
        mark_fix(run, finding, entry);
}

/* All ids in the evidence are exempt: names the rule for the first of them. */
static void mark_spared(const struct run *run, struct exceptions_subject subject, json_t *finding)
{
    const json_t *ids = json_object_get(json_object_get(finding, "evidence"), "ids");
    subject.part = json_string_value(json_array_get(ids, 0));
    finding_exempt(finding, exceptions_match(run->options.context->exceptions, &subject));
}

static void explain(const struct run *run, const struct exceptions_subject *subject,
                    json_t *finding)
{
    const struct context *context = run->options.context;
    if (context->settings->explain)
        json_object_set_new(finding, "explain", exceptions_explain(context->exceptions, subject));
}

/* The finding of one check. `subject` says what the outcome tells of the resource. NULL for a
 * skipped check. */
static json_t *finding_of(const struct run *run, struct exceptions_subject subject,
                          const json_t *outcome, const json_t *entry)
{
    subject.check = json_get_string(entry, "id", "");
    const json_t *meta = finding_check_meta(subject.policy, subject.check);
    json_t *finding = finding_from_check(subject.policy, subject.resource, entry, meta);
    if (finding == NULL)
        return NULL;
    if (subject.arn != NULL)
        finding_set(finding, "arn", subject.arn);
    if (json_get_bool(entry, "spared", false))
        mark_spared(run, subject, finding);
    else if (verdict_status(entry) == STATUS_NON_COMPLIANT)
        mark_failing(run, &subject, meta, outcome, entry, finding);
    explain(run, &subject, finding);
    return finding;
}

/* Findings of a resource of which nothing was read: of the check that the line asks for, or of all.
 * If the resource is gone, that is true for all. */
static json_t *unread(const struct run *run, const struct policy *policy,
                      const struct resource *resource, enum verdict_status status,
                      const struct err *err)
{
    size_t i;
    json_t *finding;
    const char *only = status != STATUS_GONE ? run_only_check(policy, resource) : NULL;
    json_t *all = findings_for_all(policy, resource, status, err);
    json_t *findings = json_array();
    json_array_foreach (all, i, finding) {
        const struct exceptions_subject subject = {
            .policy = policy, .resource = resource, .check = finding_get(finding, "check")};
        bool asked = only == NULL || strcmp(only, subject.check) == 0;
        if (!asked || !selection_has(run->options.context->selected, subject.check))
            continue;
        explain(run, &subject, finding);
        json_array_append(findings, finding);
    }
    json_decref(all);
    return findings;
}

json_t *run_findings_unknown(const struct run *run, const struct policy *policy,
                             const struct resource *resource, const struct err *err)
{
    return unread(run, policy, resource, STATUS_UNKNOWN, err);
}

/* If the report leaves out compliant checks, they are only counted. A change run keeps them, to
 * compare them with a second audit; a run with STATE_TABLE keeps them, to compare them with earlier
 * notifications; a run with SECURITY_HUB sends them there. */
static bool only_counts(const struct run *run, const json_t *entry)
{
    return run->options.mode != RUN_CHANGE && run->options.context->state == NULL &&
           run->options.context->hub == NULL && report_counts_compliant(run->options.report) &&
           verdict_status(entry) == STATUS_COMPLIANT && !json_get_bool(entry, "spared", false) &&
           json_object_get(entry, "later") == NULL;
}

/* Checks that depend on a part that could not be read are unknown, and are never repaired. The
 * other checks were judged by parts that were read, and are repaired. */
json_t *run_findings(const struct run *run, const struct policy *policy,
                     const struct resource *resource, const json_t *outcome, size_t *compliant)
{
    enum verdict_state state = verdict_state(outcome);
    *compliant = 0;
    if (state == STATE_GONE)
        return unread(run, policy, resource, STATUS_GONE, NULL);
    if (state == STATE_LATER)
        return unread(run, policy, resource, STATUS_PENDING, NULL);
    const struct exceptions_subject subject = {.policy = policy,
                                               .resource = resource,
                                               .tags = json_object_get(outcome, "tags"),
                                               .region = json_get_string(outcome, "region", NULL),
                                               .arn = json_get_string(outcome, "arn", NULL)};
    json_t *findings = json_array();
    size_t i;
    json_t *entry;
    json_array_foreach (json_object_get(outcome, "checks"), i, entry) {
        json_t *finding = NULL;
        if (only_counts(run, entry))
            ++*compliant;
        else if ((finding = finding_of(run, subject, outcome, entry)) != NULL)
            json_array_append_new(findings, finding);
    }
    return findings;
}
