#include "work/exceptions.h"

#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "value/json.h"
#include "work/exceptions_internal.h"

void exceptions_add(struct exceptions *exceptions, json_t *fields, const char *name,
                    const char *reason, const char *owner, const char *expires, int64_t expires_ms)
{
    size_t bytes = (exceptions->count + 1) * sizeof(struct rule);
    exceptions->rules = mem_resize(exceptions->rules, bytes);
    exceptions->rules[exceptions->count++] =
        (struct rule){.fields = fields,
                      .shown = json_pack("{s:s, s:s, s:s*, s:s*}", "rule", name, "reason", reason,
                                         "owner", owner, "expires", expires),
                      .expires_ms = expires_ms};
}

struct exceptions *exceptions_load(const struct settings *settings, settings_getenv getenv_fn,
                                   int64_t now_ms, struct err *err)
{
    struct err first = {0};
    struct exceptions *exceptions = mem_alloc(sizeof *exceptions);
    exceptions->now_ms = now_ms;
    const char *path = settings->exceptions;
    if (path != NULL && exceptions_read_file(exceptions, path, &first) != 0)
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

/* Length of the UTF-8 character at `text`, which may be cut short. */
static size_t character(const char *text)
{
    size_t length = 1;
    while (((unsigned char)text[length] & 0xc0) == 0x80 && ((unsigned char)text[0] & 0x80) != 0)
        length++;
    return length;
}

bool exceptions_glob(const char *pattern, const char *text)
{
    const char *star = NULL, *resume = NULL;
    while (*text != '\0') {
        if (*pattern == '*') {
            star = ++pattern;
            resume = text;
        } else if (*pattern == '?') {
            pattern++;
            text += character(text);
        } else if (*pattern == *text) {
            pattern++;
            text++;
        } else if (star != NULL) {
            pattern = star;
            text = ++resume;
        } else {
            return false;
        }
    }
    return pattern[strspn(pattern, "*")] == '\0';
}

/* A field that the rule does not have holds for all. */
static bool any_matches(const json_t *patterns, const char *text)
{
    size_t i;
    json_t *pattern;
    json_array_foreach (patterns, i, pattern) {
        if (exceptions_glob(json_string_value(pattern), text))
            return true;
    }
    return patterns == NULL;
}

static bool type_matches(const json_t *patterns, const struct policy *policy)
{
    size_t i;
    json_t *alias;
    if (any_matches(patterns, policy->type))
        return true;
    json_array_foreach (json_object_get(policy->meta, "aliases"), i, alias) {
        if (any_matches(patterns, json_string_value(alias)))
            return true;
    }
    return false;
}

/* Every tag that the rule names must be there. */
static bool tags_match(const json_t *wanted, const json_t *tags)
{
    const char *name;
    json_t *patterns;
    json_object_foreach ((json_t *)(uintptr_t)wanted, name, patterns) {
        const char *value = json_get_string(tags, name, NULL);
        if (value == NULL || !any_matches(patterns, value))
            return false;
    }
    return true;
}

static bool rule_matches(const struct rule *rule, const struct policy *policy,
                         const struct resource *resource, const char *check, const json_t *tags)
{
    const json_t *fields = rule->fields;
    if (!any_matches(json_object_get(fields, "account"), resource->account))
        return false;
    if (!policy->global && !any_matches(json_object_get(fields, "region"), resource->region))
        return false;
    return type_matches(json_object_get(fields, "type"), policy) &&
           any_matches(json_object_get(fields, "check"), check) &&
           any_matches(json_object_get(fields, "id"), resource->id) &&
           tags_match(json_object_get(fields, "tag"), tags);
}

static bool is_expired(const struct exceptions *exceptions, const struct rule *rule)
{
    return rule->expires_ms != 0 && exceptions->now_ms >= rule->expires_ms;
}

const json_t *exceptions_match(struct exceptions *exceptions, const struct policy *policy,
                               const struct resource *resource, const char *check,
                               const json_t *tags)
{
    for (size_t i = 0; i < exceptions->count; i++) {
        struct rule *rule = &exceptions->rules[i];
        if (is_expired(exceptions, rule) || !rule_matches(rule, policy, resource, check, tags))
            continue;
        rule->used = true;
        return rule->shown;
    }
    return NULL;
}

void exceptions_report(const struct exceptions *exceptions)
{
    for (size_t i = 0; i < exceptions->count; i++) {
        const struct rule *rule = &exceptions->rules[i];
        const char *name = json_get_string(rule->shown, "rule", "");
        const char *reason = json_get_string(rule->shown, "reason", "");
        if (is_expired(exceptions, rule))
            log_warn("exception %s expired on %s and no longer holds (%s)", name,
                     json_get_string(rule->shown, "expires", ""), reason);
        else if (!rule->used)
            log_warn("exception %s matched nothing (%s)", name, reason);
    }
}
