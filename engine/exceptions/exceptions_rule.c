#include "exceptions/exceptions_rule.h"

#include <string.h>

#include "base/mem.h"
#include "exceptions/exceptions.h"
#include "exceptions/exceptions_ids.h"
#include "exceptions/exceptions_internal.h"
#include "exceptions/exceptions_rules.h"
#include "policy/identity.h"
#include "policy/words.h"
#include "value/json.h"

/* If the rule does not have the field, every value matches. */
static bool any_matches(const json_t *patterns, const char *text)
{
    size_t i;
    json_t *pattern;
    json_array_foreach (patterns, i, pattern) {
        if (words_glob(json_string_value(pattern), text))
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

/* Every tag that the rule names must match. */
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

/* The number of fields that do not match, and the name of one. */
struct mismatches {
    size_t count;
    const char *field;
};

static void note(struct mismatches *mismatches, const char *field, bool fits)
{
    if (fits)
        return;
    mismatches->count++;
    mismatches->field = field;
}

static bool names_global(const json_t *patterns)
{
    size_t i;
    json_t *pattern;
    json_array_foreach (patterns, i, pattern) {
        if (strcmp(json_string_value(pattern), EXCEPTIONS_GLOBAL) == 0)
            return true;
    }
    return false;
}

/* A resource without a region matches only a rule that says so. A bucket is listed once for all
 * regions and is in one region; if that is not known, no region matches. */
static bool region_matches(const json_t *patterns, const struct exceptions_subject *subject)
{
    const struct policy *policy = subject->policy;
    if (patterns == NULL)
        return true;
    if (!policy->global)
        return any_matches(patterns, subject->resource->region);
    if (!identity_has_region(policy))
        return names_global(patterns);
    return subject->region != NULL && any_matches(patterns, subject->region);
}

bool exceptions_may_apply(const struct rule *rule, const struct exceptions_subject *subject)
{
    const json_t *fields = rule->fields;
    return any_matches(json_object_get(fields, "account"), subject->resource->account) &&
           type_matches(json_object_get(fields, "type"), subject->policy);
}

size_t exceptions_mismatches(const struct exceptions *exceptions, const struct rule *rule,
                             const struct exceptions_subject *subject, const char **field)
{
    const json_t *fields = rule->fields;
    const struct policy *policy = subject->policy;
    const char *account = subject->resource->account;
    const json_t *ids = json_object_get(fields, "id");
    struct mismatches mismatches = {0};
    note(&mismatches, "account", any_matches(json_object_get(fields, "account"), account));
    note(&mismatches, "region", region_matches(json_object_get(fields, "region"), subject));
    note(&mismatches, "type", type_matches(json_object_get(fields, "type"), policy));
    note(&mismatches, "check", any_matches(json_object_get(fields, "check"), subject->check));
    note(&mismatches, "id", exceptions_id_matches(exceptions, ids, subject));
    note(&mismatches, "tag", tags_match(json_object_get(fields, "tag"), subject->tags));
    *field = mismatches.field;
    return mismatches.count;
}

/* NULL: the rule is far from matching. If all fields but one of several match, it was probably
 * meant. */
static char *words_on(const struct exceptions *exceptions, const struct rule *rule,
                      const struct exceptions_subject *subject)
{
    const char *field;
    size_t mismatches = exceptions_mismatches(exceptions, rule, subject, &field);
    if (mismatches == 0 && exceptions_expired(exceptions, rule))
        return mem_printf("expired on %s", json_get_string(rule->shown, "expires", ""));
    if (mismatches == 0)
        return mem_strdup("matches");
    if (mismatches > 1 || json_object_size(rule->fields) < 2)
        return NULL;
    if (strcmp(field, "tag") == 0 && !json_is_object(subject->tags))
        return mem_strdup("depends on tags, which are not known");
    return mem_printf("its %s differs", field);
}

json_t *exceptions_explain(const struct exceptions *exceptions,
                           const struct exceptions_subject *subject)
{
    json_t *list = json_array();
    for (size_t i = 0; exceptions != NULL && i < exceptions->count; i++) {
        const struct rule *rule = &exceptions->rules[i];
        char *words = words_on(exceptions, rule, subject);
        if (words != NULL)
            json_array_append_new(
                list, json_pack("{s:O, s:O, s:s}", "rule", json_object_get(rule->shown, "rule"),
                                "reason", json_object_get(rule->shown, "reason"), "says", words));
        mem_free(words);
    }
    return list;
}
