#include "work/exceptions.h"

#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "value/json.h"
#include "work/exceptions_internal.h"

static void show(json_t *shown, const char *key, const char *text)
{
    if (text != NULL)
        json_object_set_new(shown, key, json_string_nocheck(text));
}

/* A path or a reason need not be UTF-8: the rule holds all the same. */
void exceptions_add(struct exceptions *exceptions, json_t *fields, const char *name,
                    const char *reason, const char *owner, const char *expires, int64_t expires_ms)
{
    size_t bytes = (exceptions->count + 1) * sizeof(struct rule);
    json_t *shown = json_object();
    show(shown, "rule", name);
    show(shown, "reason", reason);
    show(shown, "owner", owner);
    show(shown, "expires", expires);
    exceptions->rules = mem_resize(exceptions->rules, bytes);
    exceptions->rules[exceptions->count++] =
        (struct rule){.fields = fields, .shown = shown, .expires_ms = expires_ms};
}

struct exceptions *exceptions_load(const struct settings *settings, struct evaluator *evaluator,
                                   settings_getenv getenv_fn, int64_t now_ms, struct err *err)
{
    struct err first = {0};
    struct exceptions *exceptions = mem_alloc(sizeof *exceptions);
    exceptions->now_ms = now_ms;
    const char *path = settings->exceptions;
    if (path != NULL && exceptions_read_file(exceptions, evaluator, path, &first) != 0)
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
    mem_free(exceptions->rules);
    mem_free(exceptions);
}

bool exceptions_audit_only(const struct exceptions *exceptions)
{
    return exceptions->audit_only;
}

bool exceptions_expired(const struct exceptions *exceptions, const struct rule *rule)
{
    return rule->expires_ms != 0 && exceptions->now_ms >= rule->expires_ms;
}

const json_t *exceptions_match(struct exceptions *exceptions,
                               const struct exceptions_subject *subject)
{
    const char *field;
    for (size_t i = 0; exceptions != NULL && i < exceptions->count; i++) {
        struct rule *rule = &exceptions->rules[i];
        if (exceptions_expired(exceptions, rule) || exceptions_misfits(rule, subject, &field) > 0)
            continue;
        rule->used = true;
        return rule->shown;
    }
    return NULL;
}

/* A rule by tag alone speaks of what has tags; one that names the type means it. */
static bool speaks_of(const struct rule *rule, const struct policy *policy)
{
    return json_object_get(rule->fields, "type") != NULL ||
           json_get_bool(policy->meta, "tags", false);
}

const char *exceptions_doubt(const struct exceptions *exceptions,
                             const struct exceptions_subject *subject)
{
    for (size_t i = 0; exceptions != NULL && i < exceptions->count; i++) {
        const struct rule *rule = &exceptions->rules[i];
        const char *field = "";
        if (json_is_object(subject->tags) || exceptions_expired(exceptions, rule))
            continue;
        if (exceptions_misfits(rule, subject, &field) == 1 && strcmp(field, "tag") == 0 &&
            speaks_of(rule, subject->policy))
            return json_get_string(rule->shown, "rule", "");
    }
    return NULL;
}

static void warn_expired(const struct rule *rule)
{
    log_warn("exception %s expired on %s and no longer holds (%s)",
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
