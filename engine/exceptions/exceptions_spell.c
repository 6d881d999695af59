#include "exceptions/exceptions_spell.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "exceptions/exceptions.h"
#include "exceptions/exceptions_ids.h"
#include "exceptions/exceptions_internal.h"
#include "exceptions/exceptions_rule.h"
#include "policy/identity.h"
#include "value/json.h"

/* The first '*' or '?', or the end of the text if there is none. */
static const char *first_glob(const char *text)
{
    return text + strcspn(text, "*?");
}

/* An ARN with a wildcard is compared only with the resource's ARN: in an id derived from it, the
 * wildcard could match more. */
static bool can_be_spelled(const char *pattern)
{
    return !exceptions_is_arn(pattern) || first_glob(pattern)[0] == '\0';
}

/* The text after a wildcard must stay unchanged, or the id would be less specific than the
 * pattern. */
static bool keeps_tail(const char *pattern, const char *spelled)
{
    const char *tail = first_glob(pattern);
    size_t length = strlen(tail), whole = strlen(spelled);
    return whole >= length && strcasecmp(spelled + whole - length, tail) == 0;
}

static void collect(const struct exceptions *exceptions, const struct exceptions_subject *subject,
                    json_t *patterns)
{
    size_t j;
    json_t *pattern;
    for (size_t i = 0; i < exceptions->count; i++) {
        const struct rule *rule = &exceptions->rules[i];
        if (!exceptions_may_apply(rule, subject))
            continue;
        json_array_foreach (json_object_get(rule->fields, "id"), j, pattern) {
            if (can_be_spelled(json_string_value(pattern)))
                json_array_append(patterns, pattern);
        }
    }
}

/* {pattern: canonical form} of the patterns that have another form; a pattern that the policy
 * refuses matches nothing here. */
static json_t *ask(struct evaluator *evaluator, const struct policy *policy,
                   const struct resource *resource, const json_t *patterns)
{
    size_t i;
    json_t *spelled;
    struct err err = {0};
    json_t *map = json_object();
    json_t *line = resource_to_json(resource);
    json_object_set_new(line, "pattern", json_true());
    json_t *list = evaluator->canonical_ids(evaluator->self, policy, line, patterns, &err);
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
    char *key = exceptions_target_key(policy, resource);
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

/* The ARN template for a type whose `arn` is a function: what it returns for a resource that was
 * not read. */
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
