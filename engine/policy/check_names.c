#include "policy/check_names.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/suggest.h"
#include "policy/finding.h"
#include "value/json.h"

/* Finds the policy by the text before the dot. */
static const struct policy *policy_of(struct evaluator *evaluator, const char *name)
{
    char *type = mem_strndup(name, strcspn(name, "."));
    const struct policy *policy = evaluator->find(evaluator->self, type);
    mem_free(type);
    return policy;
}

const struct policy *check_names_find(struct evaluator *evaluator, const char *name,
                                      char **canonical)
{
    const struct policy *policy = policy_of(evaluator, name);
    const char *dot = strchr(name, '.');
    if (policy == NULL)
        return NULL;
    char *right = mem_printf("%s%s", policy->type, dot != NULL ? dot : "");
    bool known = dot == NULL || finding_check_meta(policy, right) != NULL;
    if (known && canonical != NULL)
        *canonical = right;
    else
        mem_free(right);
    return known ? policy : NULL;
}

bool check_names_is_foreign(struct evaluator *evaluator, const char *name)
{
    return policy_of(evaluator, name) == NULL;
}

static void offer(struct suggest *suggest, const struct policy *policy)
{
    size_t i;
    json_t *item;
    suggest_offer(suggest, policy->type);
    json_array_foreach (json_object_get(policy->meta, "aliases"), i, item)
        suggest_offer(suggest, json_string_value(item));
    json_array_foreach (json_object_get(policy->meta, "checks"), i, item)
        suggest_offer(suggest, json_get_string(item, "id", ""));
}

int check_names_refuse(struct evaluator *evaluator, const char *label, const char *name,
                       const char *also, struct err *err)
{
    struct suggest suggest;
    char hint[SUGGEST_TEXT];
    size_t count;
    const struct policy *const *all = evaluator->all(evaluator->self, &count);
    suggest_init(&suggest, name);
    if (also != NULL)
        suggest_offer(&suggest, also);
    for (size_t i = 0; i < count; i++)
        offer(&suggest, all[i]);
    suggest_text(&suggest, hint);
    if (hint[0] == '\0')
        snprintf(hint, sizeof hint, " (engine generate checks lists them, with their controls)");
    return err_set(err, ERR_USAGE, "%s: there is no check or type \"%.100s\"%s", label, name, hint);
}
