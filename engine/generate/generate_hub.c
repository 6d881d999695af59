/* Source: AWS Security Hub User Guide, "EventBridge event formats for Security Hub CSPM" and
 * CreateActionTarget (Name: at most 20 characters); Amazon EventBridge User Guide, "Comparison
 * operators for use in event patterns" (exists). */
#include "generate/generate_hub.h"

#include <string.h>

#include "base/mem.h"
#include "generate/generate_events.h"
#include "generate/generate_keys.h"
#include "policy/identity.h"

/* Security Hub's names of the types, as keys. Many other resources are "Other" as well. */
static json_t *types_of(const struct generate_input *input)
{
    json_t *types = json_object();
    for (size_t i = 0; i < input->count; i++) {
        char *type = identity_asff(input->policies[i]);
        if (strcmp(type, "Other") != 0)
            json_object_set_new(types, type, json_true());
        mem_free(type);
    }
    return types;
}

static json_t *imported(json_t *types)
{
    return json_pack("{s:[s], s:[s], s:{s:{s:{s:[s, s]}, s:[s], s:{s:[s, s]}, s:{s:[{s:b}]}, "
                     "s:{s:O}}}}",
                     "source", "aws.securityhub", "detail-type", "Security Hub Findings - Imported",
                     "detail", "findings", "Compliance", "Status", "FAILED", "WARNING",
                     "RecordState", "ACTIVE", "Workflow", "Status", "NEW", "NOTIFIED",
                     "ProductFields", "engine/check", "exists", 0, "Resources", "Type", types);
}

static json_t *chosen(void)
{
    return json_pack("{s:[s], s:[s], s:{s:[s]}}", "source", "aws.securityhub", "detail-type",
                     "Security Hub Findings - Custom Action", "detail", "actionName",
                     GENERATE_HUB_ACTION);
}

/* Each pattern contains as many types as fit. */
static void add_imported(json_t *patterns, const char **types)
{
    json_t *names = json_array();
    json_t *pattern = imported(names);
    for (; *types != NULL; types++) {
        json_array_append_new(names, json_string(*types));
        if (json_array_size(names) == 1 || generate_pattern_fits(pattern))
            continue;
        json_array_remove(names, json_array_size(names) - 1);
        json_array_append_new(patterns, pattern);
        json_decref(names);
        names = json_pack("[s]", *types);
        pattern = imported(names);
    }
    if (json_array_size(names) > 0)
        json_array_append(patterns, pattern);
    json_decref(pattern);
    json_decref(names);
}

json_t *generate_hub(const struct generate_input *input)
{
    json_t *types = types_of(input);
    json_t *patterns = json_array();
    const char **keys = generate_sorted_keys(types);
    add_imported(patterns, keys);
    json_array_append_new(patterns, chosen());
    mem_free(keys);
    json_decref(types);
    return patterns;
}
