#include "exceptions/exceptions_ids.h"

#include <string.h>

#include "base/mem.h"
#include "exceptions/exceptions.h"
#include "exceptions/exceptions_internal.h"
#include "policy/identity.h"
#include "policy/words.h"
#include "value/json.h"

bool exceptions_is_arn(const char *text)
{
    return strncmp(text, "arn:", 4) == 0;
}

char *exceptions_target_key(const struct policy *policy, const struct resource *resource)
{
    return mem_printf("%s %s %s", policy->type, resource->account, resource->region);
}

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
    bool matches = words_glob(pattern, arn);
    mem_free(arn);
    return matches;
}

static bool matches(const struct exceptions *exceptions, const json_t *spelled, const char *pattern,
                    const struct exceptions_subject *subject)
{
    const char *id = subject->part != NULL ? subject->part : subject->resource->id;
    if (words_glob(pattern, id))
        return true;
    const char *other = json_get_string(spelled, pattern, NULL);
    if (other != NULL && words_glob(other, id))
        return true;
    return exceptions_is_arn(pattern) && subject->part == NULL &&
           arn_matches(exceptions, pattern, subject);
}

bool exceptions_id_matches(const struct exceptions *exceptions, const json_t *patterns,
                           const struct exceptions_subject *subject)
{
    size_t i;
    json_t *pattern;
    if (patterns == NULL)
        return true;
    char *key = exceptions_target_key(subject->policy, subject->resource);
    const json_t *spelled = json_object_get(exceptions->spelled, key);
    bool found = false;
    json_array_foreach (patterns, i, pattern)
        found = found || matches(exceptions, spelled, json_string_value(pattern), subject);
    mem_free(key);
    return found;
}
