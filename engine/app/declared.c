/* What a policy file takes on itself, told wherever its permissions are looked at. */
#include "app/command.h"
#include "base/log.h"
#include "value/json.h"

static void warn_read(const struct policy *policy, const json_t *permission)
{
    const char *reason = json_get_string(permission, "reviewed", NULL);
    size_t i;
    json_t *operation;
    if (reason == NULL)
        return;
    json_array_foreach (json_object_get(permission, "operations"), i, operation)
        log_warn("%s: %s was not reviewed; it counts as a read because: %s", policy->file,
                 json_string_value(operation), reason);
}

void command_warn_declared(const struct policy *policy)
{
    const json_t *permissions = json_object_get(policy->meta, "permissions");
    size_t i;
    json_t *permission;
    json_array_foreach (json_object_get(permissions, "read"), i, permission)
        warn_read(policy, permission);
}
