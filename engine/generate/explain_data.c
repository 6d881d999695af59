#include "generate/explain_data.h"

#include <stdbool.h>
#include <string.h>

#include "generate/impact.h"
#include "value/json.h"

static json_t *permissions_of(const struct policy *policy, const char *access)
{
    return json_object_get(json_object_get(policy->meta, "permissions"), access);
}

static json_t *actions_of(const struct policy *policy, const char *access)
{
    size_t i;
    json_t *permission, *list = json_array();
    json_array_foreach (permissions_of(policy, access), i, permission)
        json_array_append(list, json_object_get(permission, "action"));
    return list;
}

static json_t *operations_of(const struct policy *policy)
{
    size_t i;
    json_t *permission, *list = json_array();
    json_array_foreach (permissions_of(policy, "read"), i, permission)
        json_array_extend(list, json_object_get(permission, "operations"));
    return list;
}

static json_t *events_of(const struct policy *policy)
{
    const char *event;
    json_t *rule, *list = json_array();
    json_object_foreach (json_object_get(policy->meta, "events"), event, rule)
        json_array_append_new(list, json_string(event));
    return list;
}

static json_t *data_of(const struct policy *policy, const char *path, const json_t *check)
{
    bool repairs = json_get_bool(check, "fix", false);
    json_t *data =
        json_pack("{s:O, s:s}", "id", json_object_get(check, "id"), "type", policy->type);
    json_object_update(data, (json_t *)check);
    json_object_set_new(data, "fix", json_boolean(repairs));
    if (repairs)
        json_object_set_new(data, "impact", json_string(impact_of(check)));
    json_object_set_new(data, "operations", operations_of(policy));
    json_object_set_new(data, "read", actions_of(policy, "read"));
    json_object_set_new(data, "write", repairs ? actions_of(policy, "write") : json_array());
    json_object_set_new(data, "events", events_of(policy));
    json_object_set_new(data, "policy", json_string(path));
    return data;
}

void explain_data_checks(const struct policy *policy, const char *path, const char *name,
                         json_t *list)
{
    size_t i;
    json_t *check;
    bool all = strcmp(name, policy->type) == 0;
    json_array_foreach (json_object_get(policy->meta, "checks"), i, check) {
        if (all || strcmp(name, json_get_string(check, "id", "")) == 0)
            json_array_append_new(list, data_of(policy, path, check));
    }
}
