/* Ids of rules in other spellings than the resource's own: a queue's older URL, an ARN, letter
 * case. Which they are is the policy's to say (id.canonical), which cannot be asked within an
 * audit. So it is asked before, once for each type, account and region. */
#include <string.h>

#include "base/mem.h"
#include "exceptions/exceptions_internal.h"
#include "policy/identity.h"
#include "value/json.h"

static bool is_arn(const char *text)
{
    return strncmp(text, "arn:", 4) == 0;
}

/* Where the first '*' or '?' is; the text's end where there is none. */
static const char *first_glob(const char *text)
{
    return text + strcspn(text, "*?");
}

/* An ARN with a wildcard is compared with the resource's ARN alone: in an id made of it, a wildcard
 * could stand for more. */
static bool can_be_spelled(const char *pattern)
{
    return !is_arn(pattern) || first_glob(pattern)[0] == '\0';
}

/* What stands behind a wildcard has to stay there, or the id would say less than the pattern. */
static bool keeps_tail(const char *pattern, const char *spelled)
{
    const char *tail = first_glob(pattern);
    size_t length = strlen(tail), whole = strlen(spelled);
    return whole >= length && strcasecmp(spelled + whole - length, tail) == 0;
}

/* ---- asking ---- */

static char *key_of(const struct policy *policy, const struct resource *resource)
{
    return mem_printf("%s %s %s", policy->type, resource->account, resource->region);
}

static void collect(const struct exceptions *exceptions, const struct exceptions_subject *subject,
                    json_t *patterns)
{
    size_t j;
    json_t *pattern;
    for (size_t i = 0; i < exceptions->count; i++) {
        const struct rule *rule = &exceptions->rules[i];
        if (!exceptions_fits_place(rule, subject))
            continue;
        json_array_foreach (json_object_get(rule->fields, "id"), j, pattern) {
            if (can_be_spelled(json_string_value(pattern)))
                json_array_append(patterns, pattern);
        }
    }
}

/* {pattern: spelling} of those that have another; one that the policy refuses names nothing here.
 */
static json_t *ask(struct evaluator *evaluator, const struct policy *policy,
                   const struct resource *resource, const json_t *patterns)
{
    size_t i;
    json_t *spelled;
    struct err err = {0};
    json_t *map = json_object();
    json_t *line = resource_to_json(resource);
    json_object_set_new(line, "pattern", json_true());
    json_t *list = evaluator->spell_ids(evaluator->self, policy, line, patterns, &err);
    json_array_foreach (list, i, spelled) {
        const char *pattern = json_string_value(json_array_get(patterns, i));
        const char *text = json_string_value(spelled);
        if (text != NULL && strcmp(text, pattern) != 0 && keeps_tail(pattern, text))
            json_object_set_nocheck(map, pattern, spelled);
    }
    json_decref(list);
    json_decref(line);
    return map;
}

static void spell(struct exceptions *exceptions, const struct policy *policy,
                  const struct resource *resource)
{
    const struct exceptions_subject subject = {.policy = policy, .resource = resource};
    char *key = key_of(policy, resource);
    if (json_object_get(exceptions->spelled, key) == NULL) {
        json_t *patterns = json_array();
        collect(exceptions, &subject, patterns);
        json_t *map = json_array_size(patterns) > 0
                          ? ask(exceptions->evaluator, policy, resource, patterns)
                          : json_null();
        json_object_set_new_nocheck(exceptions->spelled, key, map);
        json_decref(patterns);
    }
    mem_free(key);
}

/* The template of a type whose ARN is a function's: what it says of a resource that was not read.
 */
static void learn_arn(struct exceptions *exceptions, const struct policy *policy,
                      const struct resource *resource)
{
    struct err err = {0};
    struct evaluator *evaluator = exceptions->evaluator;
    if (json_is_string(json_object_get(policy->meta, "arn")) || evaluator->arn == NULL ||
        json_object_get(exceptions->arns, policy->type) != NULL)
        return;
    json_t *line = resource_to_json(resource);
    char *arn = evaluator->arn(evaluator->self, policy, line, &err);
    json_object_set_new_nocheck(exceptions->arns, policy->type, json_string_nocheck(arn));
    mem_free(arn);
    json_decref(line);
}

void exceptions_prepare(struct exceptions *exceptions, const struct policy *policy,
                        const struct resource *resource)
{
    if (exceptions == NULL || exceptions->evaluator == NULL || !exceptions->has_ids)
        return;
    if (json_get_bool(policy->meta, "canonical", false))
        spell(exceptions, policy, resource);
    learn_arn(exceptions, policy, resource);
}

/* ---- comparing ---- */

static bool arn_matches(const struct exceptions *exceptions, const char *pattern,
                        const struct exceptions_subject *subject)
{
    const struct policy *policy = subject->policy;
    const char *template = subject->arn;
    if (template == NULL)
        template = json_get_string(policy->meta, "arn", NULL);
    if (template == NULL)
        template = json_get_string(exceptions->arns, policy->type, NULL);
    if (template == NULL)
        return false;
    char *arn = identity_expand(template, subject->resource);
    bool matches = exceptions_glob(pattern, arn);
    mem_free(arn);
    return matches;
}

static bool matches(const struct exceptions *exceptions, const json_t *spelled, const char *pattern,
                    const struct exceptions_subject *subject)
{
    const char *id = subject->part != NULL ? subject->part : subject->resource->id;
    if (exceptions_glob(pattern, id))
        return true;
    const char *other = json_get_string(spelled, pattern, NULL);
    if (other != NULL && exceptions_glob(other, id))
        return true;
    return is_arn(pattern) && subject->part == NULL && arn_matches(exceptions, pattern, subject);
}

bool exceptions_id_matches(const struct exceptions *exceptions, const json_t *patterns,
                           const struct exceptions_subject *subject)
{
    size_t i;
    json_t *pattern;
    if (patterns == NULL)
        return true;
    char *key = key_of(subject->policy, subject->resource);
    const json_t *spelled = json_object_get(exceptions->spelled, key);
    bool found = false;
    json_array_foreach (patterns, i, pattern)
        found = found || matches(exceptions, spelled, json_string_value(pattern), subject);
    mem_free(key);
    return found;
}

bool exceptions_has_region(const struct policy *policy)
{
    return json_get_bool(policy->meta, "located", false);
}
