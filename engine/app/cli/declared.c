/* What a policy file declares on its own responsibility, printed wherever its permissions are
 * shown. */
#include "app/cli/declared.h"

#include "app/cli/command.h"
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

static void warn_members(const struct policy *policy, const json_t *sensitive)
{
    const char *name;
    json_t *reason;
    json_object_foreach ((json_t *)sensitive, name, reason) {
        const char *why = json_string_value(reason);
        log_warn("%s: %s is not redacted%s%s", policy->file, name,
                 why[0] != '\0' ? ", because: " : "", why);
    }
}

void command_warn_declared(const struct policy *policy)
{
    const json_t *permissions = json_object_get(policy->meta, "permissions");
    size_t i;
    json_t *permission;
    json_array_foreach (json_object_get(permissions, "read"), i, permission)
        warn_read(policy, permission);
    warn_members(policy, json_object_get(permissions, "sensitive"));
}
