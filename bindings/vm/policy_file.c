#include "bindings/vm/policy_file.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "aws/operations/opset.h"
#include "base/mem.h"
#include "bindings/vm/state.h"
#include "value/json.h"

struct policy_file *policy_file_of(const struct policy *policy)
{
    return (struct policy_file *)(uintptr_t)policy;
}

/* only_reviewed: only the entries that give a reason why they are reads. */
static struct opset *operations(const json_t *permissions, bool only_reviewed)
{
    struct opset *set = opset_new();
    size_t i, j;
    json_t *permission, *operation;
    json_array_foreach (permissions, i, permission) {
        if (only_reviewed && json_object_get(permission, "reviewed") == NULL)
            continue;
        json_array_foreach (json_object_get(permission, "operations"), j, operation) {
            const char *name = json_string_value(operation);
            const char *colon = strchr(name, ':');
            char *service = mem_strndup(name, (size_t)(colon - name));
            opset_add_action(set, service, colon + 1, json_get_string(permission, "action", ""));
            mem_free(service);
        }
    }
    return set;
}

/* The names of an object: "sqs:GetQueueAttributes.Attributes" of permissions.sensitive,
 * "s3control:GetPublicAccessBlock" of permissions.shared. */
static struct opset *names_of(const json_t *declared)
{
    struct opset *set = opset_new();
    const char *name;
    json_t *value;
    json_object_foreach ((json_t *)declared, name, value) {
        const char *colon = strchr(name, ':');
        char *service = mem_strndup(name, (size_t)(colon - name));
        opset_add(set, service, colon + 1);
        mem_free(service);
    }
    return set;
}

void policy_file_describe(struct policy_file *file)
{
    const json_t *permissions = json_object_get(file->meta, "permissions");
    file->reads = operations(json_object_get(permissions, "read"), false);
    file->reviewed = operations(json_object_get(permissions, "read"), true);
    file->writes = operations(json_object_get(permissions, "write"), false);
    file->sensitive = names_of(json_object_get(permissions, "sensitive"));
    file->shared = names_of(json_object_get(permissions, "shared"));
    file->policy = (struct policy){
        .type = json_get_string(file->meta, "type", ""),
        .title = json_get_string(file->meta, "title", ""),
        .file = file->name,
        .global = strcmp(json_get_string(file->meta, "scope", ""), "global") == 0,
        .reads = file->reads,
        .writes = file->writes,
        .reviewed = file->reviewed,
        .sensitive = file->sensitive,
        .meta = file->meta,
    };
}

void policy_file_free(struct policy_file *file)
{
    if (file == NULL)
        return;
    state_free(file->state);
    opset_free(file->reads);
    opset_free(file->writes);
    opset_free(file->reviewed);
    opset_free(file->sensitive);
    opset_free(file->shared);
    json_decref(file->meta);
    mem_free(file->lib_dir);
    mem_free(file->name);
    mem_free(file->path);
    mem_free(file);
}

const json_t *policy_file_not_yet(const struct policy_file *file, const char *service,
                                  const char *operation)
{
    char name[160];
    const json_t *permissions = json_object_get(file->meta, "permissions");
    snprintf(name, sizeof name, "%s:%s", service, operation);
    return json_object_get(json_object_get(permissions, "shared"), name);
}

bool policy_file_tolerates(const struct policy_file *file, const char *service,
                           const char *operation, const char *code)
{
    size_t i;
    json_t *tolerated;
    char name[160];
    snprintf(name, sizeof name, "%s:%s", service, operation);
    json_array_foreach (json_object_get(json_object_get(file->meta, "tolerates"), name), i,
                        tolerated) {
        if (strcmp(json_string_value(tolerated), code) == 0)
            return true;
    }
    return false;
}
