#include "policy/finding.h"

#include <stdint.h>
#include <string.h>

#include "aws/retry/retry.h"
#include "base/clock.h"
#include "base/mem.h"
#include "policy/verdict.h"
#include "value/json.h"

const json_t *finding_check_meta(const struct policy *policy, const char *check)
{
    size_t i;
    json_t *meta;
    json_array_foreach (json_object_get(policy->meta, "checks"), i, meta) {
        if (strcmp(json_get_string(meta, "id", ""), check) == 0)
            return meta;
    }
    return NULL;
}

void finding_set(json_t *finding, const char *key, const char *value)
{
    json_object_set_new_nocheck(finding, key, json_string_nocheck(value));
}

const char *finding_get(const json_t *finding, const char *key)
{
    return json_get_string(finding, key, "");
}

static void set_unless_empty(json_t *object, const char *key, const char *value)
{
    if (value[0] != '\0')
        finding_set(object, key, value);
}

json_t *finding_error_json(const struct err *err)
{
    json_t *error = json_object();
    finding_set(error, "kind", err_kind_name(err->kind));
    set_unless_empty(error, "code", err->code);
    finding_set(error, "message", err->message);
    set_unless_empty(error, "operation", err->operation);
    set_unless_empty(error, "request_id", err->request_id);
    if (retry_is_transient(err))
        json_object_set_new(error, "transient", json_true());
    return error;
}

void finding_set_error(json_t *finding, const struct err *err)
{
    json_object_set_new(finding, "error", finding_error_json(err));
}

void finding_exempt(json_t *finding, const json_t *rule)
{
    verdict_set_status(finding, STATUS_EXEMPT);
    verdict_set_remediation(finding, REMEDIATION_NONE);
    json_object_set(finding, "exemption", (json_t *)(uintptr_t)rule);
}

bool finding_is_transient(const json_t *finding)
{
    if (!json_get_bool(json_object_get(finding, "error"), "transient", false))
        return false;
    enum verdict_remediation remediation = verdict_remediation(finding);
    return verdict_status(finding) == STATUS_UNKNOWN || remediation == REMEDIATION_FAILED ||
           remediation == REMEDIATION_HELD;
}

enum finding_cause finding_cause(const json_t *finding)
{
    const json_t *error = json_object_get(finding, "error");
    const char *code = json_get_string(error, "code", "");
    const char *kind = json_get_string(error, "kind", "");
    struct err err = {.kind = ERR_API};
    snprintf(err.code, sizeof err.code, "%s", code);
    if (retry_is_rate(&err))
        return CAUSE_THROTTLED;
    if (strstr(code, "Denied") != NULL || strstr(code, "Unauthorized") != NULL ||
        strcmp(kind, err_kind_name(ERR_DENIED)) == 0 || strcmp(kind, err_kind_name(ERR_CREDS)) == 0)
        return CAUSE_REFUSED;
    bool transient = json_get_bool(error, "transient", false);
    return transient || strcmp(kind, err_kind_name(ERR_TIMEOUT)) == 0 ? CAUSE_NO_ANSWER
                                                                      : CAUSE_OTHER;
}

/* A value within a finding is replaced, never changed: so a finding shares what its policy declares
 * and what the audit said, and has copies of neither. */
static void share_member(json_t *finding, const json_t *from, const char *key)
{
    json_t *value = json_object_get(from, key);
    if (value != NULL && !json_is_null(value))
        json_object_set_nocheck(finding, key, value);
}

static void share_text(json_t *finding, const json_t *from, const char *key, const char *otherwise)
{
    json_t *value = json_object_get(from, key);
    if (json_is_string(value))
        json_object_set_nocheck(finding, key, value);
    else
        finding_set(finding, key, otherwise);
}

/* The line of the resource usually has the same text: an id may be spelled otherwise, and not all
 * resources come from a line. */
static void share_same(json_t *finding, const struct resource *resource, const char *key,
                       const char *text)
{
    json_t *value = json_object_get(resource->line, key);
    if (json_is_string(value) && strcmp(json_string_value(value), text) == 0)
        json_object_set_nocheck(finding, key, value);
    else
        finding_set(finding, key, text);
}

/* The members that every finding has, in the documented order. `meta` describes the check. */
static json_t *finding_new(const struct resource *resource, const char *check, const json_t *meta,
                           enum verdict_status status)
{
    json_t *finding = json_object();
    share_same(finding, resource, "account", resource->account);
    share_same(finding, resource, "region", resource->region);
    share_same(finding, resource, "type", resource->type);
    share_same(finding, resource, "id", resource->id);
    finding_set(finding, "check", check);
    share_text(finding, meta, "title", check);
    share_text(finding, meta, "severity", "medium");
    verdict_set_status(finding, status);
    finding_set(finding, "summary", "");
    return finding;
}

const char *const finding_check_fields[] = {"risk", "advice", "url", "impact", "repair", NULL};

/* Adds what the check says about itself, but not to a compliant finding. */
static void add_check_fields(json_t *finding, const json_t *meta, enum verdict_status status)
{
    if (status == STATUS_COMPLIANT || status == STATUS_GONE)
        return;
    for (const char *const *key = finding_check_fields; *key != NULL; key++) {
        json_t *value = json_object_get(meta, *key);
        if (value != NULL)
            json_object_set_nocheck(finding, *key, value);
    }
}

static void finding_finish(json_t *finding, const struct policy *policy, const json_t *meta,
                           enum verdict_status status)
{
    char now[CLOCK_TEXT];
    json_t *controls = json_object_get(meta, "controls");
    json_object_set_new_nocheck(finding, "controls",
                                json_is_object(controls) ? json_incref(controls) : json_object());
    add_check_fields(finding, meta, status);
    clock_rfc3339(clock_stamp_ms(), now);
    finding_set(finding, "time", now);
    if (policy->global)
        json_object_set_new(finding, "global", json_true());
}

json_t *finding_plain(const struct resource *resource, const char *check, const char *title,
                      const char *summary, json_t *error)
{
    char now[CLOCK_TEXT];
    json_t *finding = json_object();
    clock_rfc3339(clock_stamp_ms(), now);
    finding_set(finding, "account", resource->account);
    finding_set(finding, "region", resource->region);
    finding_set(finding, "type", resource->type);
    finding_set(finding, "id", resource->id);
    finding_set(finding, "check", check);
    finding_set(finding, "title", title);
    finding_set(finding, "severity", "high");
    verdict_set_status(finding, STATUS_UNKNOWN);
    finding_set(finding, "summary", summary);
    verdict_set_remediation(finding, REMEDIATION_NONE);
    json_object_set_new(finding, "controls", json_object());
    finding_set(finding, "time", now);
    json_object_set_new(finding, "error", error);
    return finding;
}

static json_t *finding_of_target(const struct policy *policy, const struct resource *target,
                                 const char *summary, json_t *error)
{
    char *check = mem_printf("%s.listed", target->type);
    json_t *finding =
        finding_plain(target, check, "All resources of the type are listed", summary, error);
    if (policy != NULL && policy->global)
        json_object_set_new(finding, "global", json_true());
    mem_free(check);
    return finding;
}

json_t *finding_unlisted(const struct policy *policy, const struct resource *target,
                         const json_t *error)
{
    const char *why = json_is_string(error) ? json_string_value(error)
                                            : json_get_string(error, "message", "no reason given");
    json_t *cause = json_is_object(error) ? json_deep_copy(error)
                                          : json_pack("{s:s, s:s}", "kind", "api", "message", why);
    char *summary = mem_printf("%s in %s of account %s cannot be listed: %s", target->type,
                               target->region, target->account, why);
    json_t *finding = finding_of_target(policy, target, summary, cause);
    mem_free(summary);
    return finding;
}

void finding_clear(json_t *finding)
{
    verdict_set_status(finding, STATUS_COMPLIANT);
    json_object_del(finding, "error");
}

json_t *finding_listed(const struct policy *policy, const struct resource *target)
{
    char *summary =
        mem_printf("%s in %s of account %s can be listed: the next poll finds what is there",
                   target->type, target->region, target->account);
    json_t *finding = finding_of_target(policy, target, summary, json_null());
    mem_free(summary);
    finding_clear(finding);
    return finding;
}

static json_t *finding_of_run(const char *check, const char *title, const char *why, json_t *error)
{
    struct resource *run = resource_new("*", "*", "run", "*");
    json_t *finding = finding_plain(run, check, title, why, error);
    resource_free(run);
    return finding;
}

json_t *finding_incomplete(const char *kind, const char *why)
{
    return finding_of_run(FINDING_RUN_COMPLETE, "The run was completed", why,
                          json_pack("{s:s, s:s}", "kind", kind, "message", why));
}

json_t *finding_rules_unreadable(const struct err *err)
{
    return finding_of_run("run.exceptions", "The exception rules can be read", err->message,
                          finding_error_json(err));
}

json_t *finding_rules_readable(void)
{
    json_t *finding = finding_of_run("run.exceptions", "The exception rules can be read",
                                     "the exception rules can be read", json_null());
    finding_clear(finding);
    return finding;
}

/* If the outcome has no "fix", the policy's declaration counts. */
static bool is_repairable(const json_t *check, const json_t *meta)
{
    enum verdict_fix fix = verdict_fix(check);
    if (fix != FIX_UNASKED)
        return fix != FIX_NONE;
    return json_get_bool(meta, "fix", false);
}

static void set_fix(json_t *finding, const json_t *check, const json_t *meta,
                    enum verdict_status status)
{
    bool available = status == STATUS_NON_COMPLIANT && is_repairable(check, meta);
    verdict_set_remediation(finding, available ? REMEDIATION_AVAILABLE : REMEDIATION_NONE);
    if (!available)
        return;
    share_member(finding, check, "steps");
    share_member(finding, check, "covered_by");
    share_member(finding, check, "held");
    if (verdict_fix(check) == FIX_WAITS)
        json_object_set_new(finding, "waits", json_true());
}

static const char *summary_of(enum verdict_status status)
{
    if (status == STATUS_GONE)
        return "the resource no longer exists";
    if (status == STATUS_PENDING)
        return "the resource is not ready yet";
    return "";
}

json_t *finding_from_check(const struct policy *policy, const struct resource *resource,
                           const json_t *check, const json_t *meta)
{
    enum verdict_status status = verdict_status(check);
    if (status == STATUS_SKIPPED)
        return NULL;
    json_t *finding = finding_new(resource, json_get_string(check, "id", ""), meta, status);
    const json_t *error = json_object_get(check, "error");
    if (error != NULL)
        finding_set(finding, "summary", json_get_string(error, "message", ""));
    if (status == STATUS_PENDING)
        finding_set(finding, "summary", summary_of(status));
    share_member(finding, check, "summary");
    share_member(finding, check, "evidence");
    set_fix(finding, check, meta, status);
    finding_finish(finding, policy, meta, status);
    share_member(finding, check, "error");
    share_member(finding, check, "later");
    share_member(finding, check, "looked_at");
    return finding;
}

json_t *findings_for_all(const struct policy *policy, const struct resource *resource,
                         enum verdict_status status, const struct err *err)
{
    size_t i;
    json_t *meta;
    json_t *findings = json_array();
    json_array_foreach (json_object_get(policy->meta, "checks"), i, meta) {
        const char *check = json_get_string(meta, "id", "");
        json_t *finding = finding_new(resource, check, meta, status);
        finding_set(finding, "summary", err != NULL ? err->message : summary_of(status));
        verdict_set_remediation(finding, REMEDIATION_NONE);
        finding_finish(finding, policy, meta, status);
        if (err != NULL)
            finding_set_error(finding, err);
        json_array_append_new(findings, finding);
    }
    return findings;
}

char *finding_identity(const struct policy *policy, const json_t *finding)
{
    static const char *const keys[] = {"account", "region", "type", "id", "check"};
    bool global = policy != NULL ? policy->global : json_get_bool(finding, "global", false);
    json_t *parts = json_array();
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        bool left_out = global && strcmp(keys[i], "region") == 0;
        const char *text = left_out ? "" : finding_get(finding, keys[i]);
        json_array_append_new(parts, json_string_nocheck(text));
    }
    char *identity = json_text(parts);
    json_decref(parts);
    return identity;
}

int finding_exit_status(const json_t *finding)
{
    enum verdict_remediation remediation = verdict_remediation(finding);
    if (remediation == REMEDIATION_FAILED)
        return 1;
    switch (verdict_status(finding)) {
    case STATUS_COMPLIANT:
    case STATUS_GONE:
    case STATUS_EXEMPT: return 0;
    case STATUS_NON_COMPLIANT: return remediation == REMEDIATION_FIXED ? 0 : 2;
    default: return 1;
    }
}

int finding_worse(int a, int b)
{
    if (a == 1 || b == 1)
        return 1;
    return a > b ? a : b;
}

bool finding_is_notified(const json_t *finding)
{
    enum verdict_status status = verdict_status(finding);
    enum verdict_remediation remediation = verdict_remediation(finding);
    return status == STATUS_NON_COMPLIANT || status == STATUS_UNKNOWN || status == STATUS_EXEMPT ||
           remediation == REMEDIATION_FIXED || remediation == REMEDIATION_FAILED ||
           remediation == REMEDIATION_HELD;
}
