#include "doctor/doctor_wanted.h"

#include <string.h>

#include "aws/endpoint/endpoint_partition.h"
#include "base/buf.h"
#include "base/mem.h"
#include "value/json.h"

/* Maximum length of an ARN: IAM User Guide, "Amazon Resource Names" of "IAM identifiers". */
#define MAX_ARN 2048

/* Stands for every id: IAM simulates resources that do not exist as well. */
#define ANY_ID "engine-doctor"

static const char *value_of(const struct doctor_account *account, const char *name)
{
    const struct context *context = account->doctor->context;
    const char *region = context->settings->master_region;
    if (strncmp(name, "${partition}", 12) == 0)
        return endpoint_partition(client_endpoints(context->client), region);
    if (strncmp(name, "${region}", 9) == 0)
        return region;
    return strncmp(name, "${account}", 10) == 0 ? account->id : ANY_ID;
}

/* A resource that the declared pattern matches, new. */
static char *resource_of(const struct doctor_account *account, const char *pattern)
{
    struct buf out;
    buf_init(&out, MAX_ARN);
    while (*pattern != '\0') {
        size_t length = strncmp(pattern, "${", 2) == 0 ? strcspn(pattern, "}") + 1 : 1;
        if (length > 1)
            buf_adds(&out, value_of(account, pattern));
        else if (*pattern == '*')
            buf_adds(&out, ANY_ID);
        else
            buf_addc(&out, *pattern);
        pattern += length;
    }
    return buf_take(&out);
}

static json_t *member(json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    if (value == NULL) {
        value = json_object();
        json_object_set_new(object, key, value);
    }
    return value;
}

static void add(json_t *wanted, const char *resource, const char *action, const char *type)
{
    json_object_set_new(member(member(wanted, resource), action), type, json_true());
}

static void add_permission(const struct doctor_account *account, const struct policy *policy,
                           const json_t *permission, json_t *wanted)
{
    const char *action = json_get_string(permission, "action", "");
    const json_t *on = json_object_get(permission, "on");
    size_t i;
    json_t *pattern;
    json_array_foreach (on, i, pattern) {
        char *resource = resource_of(account, json_string_value(pattern));
        add(wanted, resource, action, policy->type);
        mem_free(resource);
    }
    if (json_array_size(on) == 0)
        add(wanted, "*", action, policy->type);
}

/* The one permission to write that an audit may need. */
static void add_import(const struct doctor_account *account, json_t *wanted)
{
    char *product = resource_of(
        account, "arn:${partition}:securityhub:${region}:${account}:product/${account}/default");
    add(wanted, product, "securityhub:BatchImportFindings", "SECURITY_HUB");
    mem_free(product);
}

json_t *doctor_wanted(const struct doctor_account *account, const char *access, size_t *actions)
{
    json_t *wanted = json_object(), *all = json_object(), *permission;
    for (size_t i = 0; i < account->count; i++) {
        const struct policy *policy = poll_target(account->targets, account->from + i)->policy;
        const json_t *permissions = json_object_get(policy->meta, "permissions");
        size_t j;
        json_array_foreach (json_object_get(permissions, access), j, permission) {
            add_permission(account, policy, permission, wanted);
            json_object_set_new(all, json_get_string(permission, "action", ""), json_true());
        }
    }
    if (account->doctor->context->settings->security_hub && strcmp(access, "read") == 0)
        add_import(account, wanted);
    *actions = json_object_size(all);
    json_decref(all);
    return wanted;
}
