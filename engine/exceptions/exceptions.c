#include "exceptions/exceptions.h"

#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "exceptions/exceptions_file.h"
#include "exceptions/exceptions_internal.h"
#include "exceptions/exceptions_rule.h"
#include "exceptions/exceptions_rules.h"
#include "exceptions/exceptions_variables.h"
#include "policy/identity.h"
#include "value/json.h"

/* An error in the file also says where the file was named. */
static int read_rules(struct exceptions *exceptions, const struct settings *settings,
                      const struct exceptions_text *text, struct err *err)
{
    const char *name = settings->exceptions;
    int result = 0;
    if (name != NULL && text == NULL)
        result = exceptions_read_file(exceptions, exceptions->evaluator, name, err);
    else if (name != NULL)
        result = exceptions_read_text(exceptions, name, text, err);
    if (result != 0)
        err_prefix(err, "%s", settings->exceptions_given ? "--exceptions" : "EXCEPTIONS");
    return result;
}

struct exceptions *exceptions_load(const struct settings *settings,
                                   const struct exceptions_text *text, struct evaluator *evaluator,
                                   settings_getenv getenv_fn, int64_t now_ms, struct err *err)
{
    struct err first = {0};
    struct exceptions *exceptions = mem_alloc(sizeof *exceptions);
    exceptions->now_ms = now_ms;
    exceptions->evaluator = evaluator;
    exceptions->spelled = json_object();
    exceptions->arns = json_object();
    if (read_rules(exceptions, settings, text, &first) != 0)
        exceptions->audit_only = true;
    struct err *where = exceptions->audit_only ? NULL : &first;
    if (exceptions_read_variables(exceptions, getenv_fn, where) != 0)
        exceptions->audit_only = true;
    if (exceptions->audit_only && err != NULL)
        *err = first;
    return exceptions;
}

void exceptions_free(struct exceptions *exceptions)
{
    if (exceptions == NULL)
        return;
    for (size_t i = 0; i < exceptions->count; i++) {
        json_decref(exceptions->rules[i].fields);
        json_decref(exceptions->rules[i].shown);
    }
    json_decref(exceptions->spelled);
    json_decref(exceptions->arns);
    mem_free(exceptions->rules);
    mem_free(exceptions);
}

bool exceptions_audit_only(const struct exceptions *exceptions)
{
    return exceptions->audit_only;
}

const json_t *exceptions_match(struct exceptions *exceptions,
                               const struct exceptions_subject *subject)
{
    const char *field;
    for (size_t i = 0; exceptions != NULL && i < exceptions->count; i++) {
        struct rule *rule = &exceptions->rules[i];
        if (exceptions_expired(exceptions, rule) ||
            exceptions_mismatches(exceptions, rule, subject, &field) > 0)
            continue;
        rule->used = true;
        return rule->shown;
    }
    return NULL;
}

bool exceptions_may_fix(struct exceptions *exceptions, const struct policy *policy,
                        const struct resource *resource, const struct audit_asked *asked)
{
    const struct exceptions_subject subject = {.policy = policy,
                                               .resource = resource,
                                               .check = asked->check,
                                               .tags = asked->tags,
                                               .region = asked->region,
                                               .part = asked->part};
    return exceptions_match(exceptions, &subject) == NULL &&
           (asked->part != NULL || exceptions_doubt(exceptions, &subject) == NULL);
}

bool exceptions_ask_region(const struct exceptions *exceptions, const struct policy *policy)
{
    if (exceptions == NULL || !policy->global || !identity_has_region(policy))
        return false;
    for (size_t i = 0; i < exceptions->count; i++) {
        if (json_object_get(exceptions->rules[i].fields, "region") != NULL &&
            !exceptions_expired(exceptions, &exceptions->rules[i]))
            return true;
    }
    return false;
}

/* A rule that names only a tag applies to types that have tags; a rule that names the type applies
 * to it in any case. */
static bool is_about(const struct rule *rule, const struct policy *policy)
{
    return json_object_get(rule->fields, "type") != NULL ||
           json_get_bool(policy->meta, "tags", false);
}

enum audit_tags exceptions_ask_tags(const struct exceptions *exceptions,
                                    const struct policy *policy, const struct resource *resource)
{
    const struct exceptions_subject subject = {.policy = policy, .resource = resource};
    for (size_t i = 0; exceptions != NULL && i < exceptions->count; i++) {
        const struct rule *rule = &exceptions->rules[i];
        if (json_object_get(rule->fields, "tag") != NULL && !exceptions_expired(exceptions, rule) &&
            exceptions_may_apply(rule, &subject))
            return AUDIT_TAGS_OF_FAILING;
    }
    return AUDIT_NO_TAGS;
}

/* Does the rule test something that is not known of the resource? */
static bool is_unknown(const struct rule *rule, const struct exceptions_subject *subject,
                       const char *field)
{
    if (strcmp(field, "tag") == 0)
        return !json_is_object(subject->tags) && is_about(rule, subject->policy);
    return strcmp(field, "region") == 0 && subject->policy->global && subject->region == NULL &&
           identity_has_region(subject->policy);
}

const char *exceptions_doubt(const struct exceptions *exceptions,
                             const struct exceptions_subject *subject)
{
    for (size_t i = 0; exceptions != NULL && i < exceptions->count; i++) {
        const struct rule *rule = &exceptions->rules[i];
        const char *field = "";
        if (!exceptions_expired(exceptions, rule) &&
            exceptions_mismatches(exceptions, rule, subject, &field) == 1 &&
            is_unknown(rule, subject, field))
            return json_get_string(rule->shown, "rule", "");
    }
    return NULL;
}

static void warn_expired(const struct rule *rule)
{
    log_warn("exception %s expired on %s and no longer applies (%s)",
             json_get_string(rule->shown, "rule", ""), json_get_string(rule->shown, "expires", ""),
             json_get_string(rule->shown, "reason", ""));
}

void exceptions_report(const struct exceptions *exceptions, bool all)
{
    for (size_t i = 0; i < exceptions->count; i++) {
        const struct rule *rule = &exceptions->rules[i];
        if (exceptions_expired(exceptions, rule))
            warn_expired(rule);
        else if (all && !rule->used)
            log_warn("exception %s matched no finding of this run (%s)",
                     json_get_string(rule->shown, "rule", ""),
                     json_get_string(rule->shown, "reason", ""));
    }
}
