/* Source: AWS Security Hub User Guide, "EventBridge event formats for Security Hub CSPM"
 * (https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-cwe-event-formats.html) and
 * "AWS Security Finding Format" (AwsAccountId, Region, RecordState, Workflow, Compliance,
 * ProductArn, Resources). */
#include "intake/translate_hub.h"

#include <stdint.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "intake/translate_line.h"
#include "policy/identity.h"
#include "value/json.h"

#define CUSTOM_ACTION "Security Hub Findings - Custom Action"
#define IMPORTED "Security Hub Findings - Imported"

struct hub_finding {
    const struct context *context;
    const struct translate_target *target;
    const json_t *finding;
    const char *account, *region;
    json_t *seen; /* lines of the event: its findings may be about one resource */
};

bool translate_is_hub(const json_t *envelope)
{
    const char *type = json_get_string(envelope, "detail-type", "");
    return strcmp(json_get_string(envelope, "source", ""), "aws.securityhub") == 0 &&
           (strcmp(type, CUSTOM_ACTION) == 0 || strcmp(type, IMPORTED) == 0);
}

/* ---- which findings ---- */

static const char *status_in(const json_t *finding, const char *member)
{
    return json_get_string(json_object_get(finding, member), "Status", "");
}

/* Neither archived, nor passed, nor settled by a person. */
static bool is_open(const json_t *finding)
{
    const char *workflow = status_in(finding, "Workflow");
    return strcmp(json_get_string(finding, "RecordState", ""), "ARCHIVED") != 0 &&
           strcmp(status_in(finding, "Compliance"), "PASSED") != 0 &&
           strcmp(workflow, "RESOLVED") != 0 && strcmp(workflow, "SUPPRESSED") != 0;
}

/* The default product of an account belongs to everyone who imports findings; the field is the
 * engine's (report_asff). */
static bool is_own(const json_t *finding)
{
    return json_object_get(json_object_get(finding, "ProductFields"), "engine/check") != NULL;
}

/* ---- resources ---- */

static void report(const struct hub_finding *hub, enum translate_problem problem,
                   const struct err *why)
{
    struct err err = *why;
    const char *id = json_get_string(hub->finding, "Id", "");
    err_prefix(&err, "Security Hub finding %.300s", id);
    hub->target->problem(hub->target->arg, problem, &err);
}

static struct resource *line_of(const struct hub_finding *hub, const struct policy *policy,
                                const json_t *named, struct err *err)
{
    const char *region = json_get_string(named, "Region", hub->region);
    json_t *line = json_object();
    json_object_set_new_nocheck(line, "account", json_string_nocheck(hub->account));
    json_object_set_new_nocheck(line, "region", json_string_nocheck(region));
    json_object_set_new_nocheck(line, "type", json_string_nocheck(policy->type));
    json_object_set_nocheck(line, "id", json_object_get(named, "Id"));
    struct resource *resource = resource_from_json(line, err);
    json_decref(line);
    if (resource == NULL ||
        (translate_check_id(resource, err) == 0 &&
         identity_from_arn(hub->context->evaluator, policy, resource, err) == 0))
        return resource;
    resource_free(resource);
    return NULL;
}

static bool is_repeated(const struct hub_finding *hub, const json_t *line)
{
    char *key = json_text(line);
    bool before = json_object_get(hub->seen, key) != NULL;
    json_object_set_new_nocheck(hub->seen, key, json_true());
    mem_free(key);
    return before;
}

static void put_line(const struct hub_finding *hub, const struct resource *resource)
{
    json_t *line = resource_to_json(resource);
    if (!is_repeated(hub, line))
        hub->target->resource(hub->target->arg, resource);
    json_decref(line);
}

/* False if nothing lists it. */
static bool put_listing(const struct hub_finding *hub, const json_t *message)
{
    const struct translate_target *target = hub->target;
    return message != NULL && target->listing != NULL &&
           (is_repeated(hub, message) || target->listing(target->arg, message));
}

static int list(const struct hub_finding *hub, const struct policy *policy, const json_t *named,
                struct err *err)
{
    const char *region = json_get_string(named, "Region", hub->region);
    json_t *message = translate_listing(hub->context, policy, hub->account, region);
    bool taken = put_listing(hub, message);
    json_decref(message);
    if (taken)
        return 0;
    return err_set(err, ERR_PARSE,
                   "%s names the account: every %s of account %s in %s would have to be listed: "
                   "set POLL_QUEUE",
                   json_get_string(named, "Id", ""), policy->type, hub->account, region);
}

/* What has no ARN of its own is named by that of the account: then all of the type are audited. */
static int put(const struct hub_finding *hub, const struct policy *policy, const json_t *named,
               struct err *err)
{
    if (!identity_is_in_arn(policy))
        return list(hub, policy, named, err);
    struct resource *resource = line_of(hub, policy, named, err);
    if (resource == NULL)
        return -1;
    put_line(hub, resource);
    resource_free(resource);
    return 0;
}

static bool is_called(const struct policy *policy, const char *type)
{
    char *name = identity_asff(policy);
    bool same = strcmp(name, type) == 0;
    mem_free(name);
    return same;
}

/* Several types share a name: "Other", for example. It is a problem only if an id of a name that
 * the engine knows belongs to none of them. */
static void put_resource(const struct hub_finding *hub, const json_t *named)
{
    const struct evaluator *evaluator = hub->context->evaluator;
    const char *type = json_get_string(named, "Type", "");
    struct err err = {0};
    bool found = false;
    size_t count;
    const struct policy *const *all = evaluator->all(evaluator->self, &count);
    for (size_t i = 0; i < count; i++) {
        if (is_called(all[i], type) && translate_wants(hub->context, all[i]))
            found |= put(hub, all[i], named, &err) == 0;
    }
    if (!found && err.kind != ERR_NONE && strcmp(type, "Other") != 0)
        report(hub, TRANSLATE_LACKS_ID, &err);
}

/* ---- events ---- */

static int read_scope(struct hub_finding *hub, const json_t *envelope, struct err *err)
{
    hub->account = json_get_string(hub->finding, "AwsAccountId", "");
    hub->region = json_get_string(hub->finding, "Region", json_get_string(envelope, "region", ""));
    if (!translate_is_account(hub->account))
        return err_set(err, ERR_PARSE, "AwsAccountId must be a string of 12 digits");
    return 0;
}

static void put_finding(struct hub_finding *hub, const json_t *envelope)
{
    size_t i;
    json_t *named;
    struct err err = {0};
    if (read_scope(hub, envelope, &err) != 0) {
        report(hub, TRANSLATE_FAILED, &err);
        return;
    }
    json_array_foreach (json_object_get(hub->finding, "Resources"), i, named)
        put_resource(hub, named);
}

static bool is_chosen(const json_t *envelope)
{
    return strcmp(json_get_string(envelope, "detail-type", ""), CUSTOM_ACTION) == 0;
}

static void put_each(struct hub_finding *hub, const json_t *envelope, const json_t *findings)
{
    size_t i;
    json_t *finding;
    json_array_foreach ((json_t *)(uintptr_t)findings, i, finding) {
        hub->finding = finding;
        if (is_own(finding) && !is_chosen(envelope))
            log_debug("Security Hub finding %s: the engine's own",
                      json_get_string(finding, "Id", ""));
        else if (is_open(finding))
            put_finding(hub, envelope);
    }
}

void translate_hub(const struct context *context, const json_t *envelope,
                   const struct translate_target *target)
{
    struct err err = {0};
    struct hub_finding hub = {.context = context, .target = target, .seen = json_object()};
    const json_t *findings = json_object_get(json_object_get(envelope, "detail"), "findings");
    if (json_is_array(findings)) {
        put_each(&hub, envelope, findings);
    } else {
        err_set(&err, ERR_PARSE, "detail.findings must be a list");
        target->problem(target->arg, TRANSLATE_FAILED, &err);
    }
    json_decref(hub.seen);
}
