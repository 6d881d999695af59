/* Actions of one service share a statement with all resources that the policies limit them to. This
 * keeps the document small and grants no more, because an action works only on resources of its own
 * types. Actions that no policy limits, or that some policy needs on all resources, share another
 * statement. */
#include "generate/generate_permissions.h"

#include <string.h>

#include "accounts/organization_walk.h"
#include "accounts/own_reads.h"
#include "base/buf.h"
#include "base/mem.h"
#include "generate/generate_keys.h"
#include "value/json.h"

/* IAM user guide, "IAM and AWS STS quotas": maximum length of a managed policy. */
#define MAX_DOCUMENT 6144

/* Maximum length of an ARN: IAM user guide, "Amazon Resource Names" of "IAM identifiers". */
#define MAX_ARN 2048

/* groups: future statements, by key: {"actions":{…},"resources":{…},"condition":{…}}. limits:
 * {"sqs:SetQueueAttributes":{"arn:aws:sqs:*:*:*":true}}; null if an action is needed on all
 * resources. */
struct grants {
    json_t *groups;
    json_t *limits;
    const char *partition;
};

/* ---- limits of actions ---- */

/* New: "arn:${partition}:sqs:${region}:${account}:*" with this partition, in any region and
 * account. */
static char *pattern_of(const char *declared, const char *partition)
{
    static const char said[] = "${partition}";
    struct buf out;
    buf_init(&out, MAX_ARN);
    while (*declared != '\0') {
        size_t length = strncmp(declared, "${", 2) == 0 ? strcspn(declared, "}") + 1 : 0;
        if (length == 0)
            buf_addc(&out, *declared);
        else
            buf_adds(&out, strncmp(declared, said, strlen(said)) == 0 ? partition : "*");
        declared += length > 0 ? length : 1;
    }
    return buf_take(&out);
}

static void add_limit(struct grants *grants, const json_t *permission)
{
    const char *action = json_get_string(permission, "action", "");
    const json_t *on = json_object_get(permission, "on");
    size_t i;
    json_t *declared;
    if (json_array_size(on) == 0)
        json_object_set_new(grants->limits, action, json_null());
    else if (!json_is_null(json_object_get(grants->limits, action)))
        json_array_foreach (on, i, declared) {
            char *arn = pattern_of(json_string_value(declared), grants->partition);
            json_object_set_new(generate_member(grants->limits, action), arn, json_true());
            mem_free(arn);
        }
}

static const json_t *declared_of(const struct policy *policy, const char *access)
{
    return json_object_get(json_object_get(policy->meta, "permissions"), access);
}

static void add_limits(struct grants *grants, const struct policy *policy, const char *access)
{
    size_t i;
    json_t *permission;
    json_array_foreach (declared_of(policy, access), i, permission)
        add_limit(grants, permission);
}

/* ---- groups ---- */

static void add_action(struct grants *grants, const char *key, const char *action,
                       const json_t *condition)
{
    json_t *group = generate_member(grants->groups, key);
    json_object_set_new(generate_member(group, "actions"), action, json_true());
    json_object_update(generate_member(group, "resources"),
                       json_object_get(grants->limits, action));
    if (condition != NULL)
        json_object_set_new(group, "condition", json_deep_copy(condition));
}

static void add_plain(struct grants *grants, const char *action)
{
    bool limited = json_is_object(json_object_get(grants->limits, action));
    char *service = mem_strndup(action, strcspn(action, ":"));
    add_action(grants, limited ? service : "*", action, NULL);
    mem_free(service);
}

/* The services of the other operations that the policy declares: an action without an operation is
 * needed on their behalf. */
static json_t *services_beside(const json_t *permissions)
{
    json_t *services = json_object();
    size_t i;
    json_t *permission;
    json_array_foreach (permissions, i, permission) {
        const char *action = json_get_string(permission, "action", "");
        char *service = mem_strndup(action, strcspn(action, ":"));
        if (json_array_size(json_object_get(permission, "operations")) > 0)
            json_object_set_new(services, service, json_true());
        mem_free(service);
    }
    return services;
}

static json_t *with_suffix(json_t *services, const char *suffix)
{
    json_t *list = json_array();
    const char **keys = generate_sorted_keys(services);
    for (const char **key = keys; *key != NULL; key++) {
        char *name = mem_printf("%s%s", *key, suffix);
        json_array_append_new(list, json_string(name));
        mem_free(name);
    }
    mem_free(keys);
    return list;
}

/* ECS tasks have their own principal (ECS developer guide, "task IAM role"). */
static json_t *principals(json_t *services)
{
    if (json_object_get(services, "ecs") != NULL)
        json_object_set_new(services, "ecs-tasks", json_true());
    return with_suffix(services, ".amazonaws.com");
}

/* New reference, or NULL: roles may be passed to, and keys used through, only these services. KMS
 * uses the name of the endpoint, redshift.us-east-1.amazonaws.com (KMS developer guide,
 * "kms:ViaService"). */
static json_t *condition_of(const char *action, json_t *services)
{
    if (json_object_size(services) == 0)
        return NULL;
    if (strcmp(action, "iam:PassRole") == 0)
        return json_pack("{s:{s:o}}", "StringEquals", "iam:PassedToService", principals(services));
    /* Grants are created for an AWS service, whichever service asks (KMS developer guide,
     * "kms:GrantIsForAWSResource"). */
    if (strcmp(action, "kms:CreateGrant") == 0)
        return json_pack("{s:{s:s}}", "Bool", "kms:GrantIsForAWSResource", "true");
    if (strncmp(action, "kms:", 4) == 0)
        return json_pack("{s:{s:o}}", "StringLike", "kms:ViaService", with_suffix(services, ".*"));
    return NULL;
}

static void add_dependent(struct grants *grants, const char *action, json_t *services)
{
    json_t *condition = condition_of(action, services);
    if (condition == NULL) {
        add_plain(grants, action);
        return;
    }
    char *text = json_text(condition);
    add_action(grants, text, action, condition);
    mem_free(text);
    json_decref(condition);
}

static void add_policy(struct grants *grants, const struct policy *policy, const char *access)
{
    const json_t *permissions = declared_of(policy, access);
    json_t *services = services_beside(permissions);
    size_t i;
    json_t *permission;
    json_array_foreach (permissions, i, permission) {
        const char *action = json_get_string(permission, "action", "");
        if (json_array_size(json_object_get(permission, "operations")) > 0)
            add_plain(grants, action);
        else
            add_dependent(grants, action, services);
    }
    json_decref(services);
}

/* The engine's own calls, which no policy declares: in ORGANIZATION_ACCOUNT, and those of engine
 * doctor in every account, which asks only what a role may do. sts:GetCallerIdentity needs no
 * permission. */
static void add_own_reads(struct grants *grants)
{
    json_t *roles = json_pack("{s:s, s:[s]}", "action", "iam:SimulatePrincipalPolicy", "on",
                              "arn:${partition}:iam::${account}:role/*");
    add_limit(grants, roles);
    json_decref(roles);
    for (const char *const *action = organization_actions; *action != NULL; action++)
        add_plain(grants, *action);
    for (const char *const *action = own_reads_actions; *action != NULL; action++)
        add_plain(grants, *action);
}

/* An action that is also allowed without a condition needs none. */
static void drop_needless(json_t *groups)
{
    const char *key, *other_key, *action;
    json_t *group, *other, *value;
    json_object_foreach (groups, key, group) {
        if (json_object_get(group, "condition") != NULL)
            continue;
        json_object_foreach (json_object_get(group, "actions"), action, value) {
            json_object_foreach (groups, other_key, other) {
                if (json_object_get(other, "condition") != NULL)
                    json_object_del(json_object_get(other, "actions"), action);
            }
        }
    }
}

static void add_statement(json_t *statements, json_t *group)
{
    json_t *actions = json_object_get(group, "actions");
    json_t *resources = json_object_get(group, "resources");
    json_t *condition = json_object_get(group, "condition");
    if (json_object_size(actions) == 0)
        return;
    json_t *statement = json_pack(
        "{s:s, s:o, s:o}", "Effect", "Allow", "Action", generate_key_list(actions), "Resource",
        json_object_size(resources) > 0 ? generate_key_list(resources) : json_string("*"));
    if (condition != NULL)
        json_object_set(statement, "Condition", condition);
    json_array_append_new(statements, statement);
}

static json_t *document_of(json_t *groups)
{
    json_t *statements = json_array();
    const char **keys = generate_sorted_keys(groups);
    for (const char **key = keys; *key != NULL; key++)
        add_statement(statements, json_object_get(groups, *key));
    mem_free(keys);
    return json_pack("{s:s, s:o}", "Version", "2012-10-17", "Statement", statements);
}

size_t generate_size(const json_t *document)
{
    char *text = json_text(document);
    size_t size = strlen(text);
    mem_free(text);
    return size;
}

static json_t *checked(json_t *document, const struct generate_permissions *wanted, struct err *err)
{
    size_t size = generate_size(document);
    if (size < MAX_DOCUMENT)
        return document;
    json_decref(document);
    err_set(err, ERR_LIMIT,
            "these permissions have %zu characters without white space, and an IAM policy must "
            "have fewer than %d: generate %s",
            size, MAX_DOCUMENT,
            wanted->read && wanted->write ? "--access read and --access write separately"
                                          : "them for a few --types at a time");
    return NULL;
}

static void add_policies(struct grants *grants, const struct generate_input *input,
                         const char *access)
{
    for (size_t i = 0; i < input->count; i++)
        add_policy(grants, input->policies[i], access);
}

json_t *generate_permissions(const struct generate_input *input,
                             const struct generate_permissions *wanted, struct err *err)
{
    struct grants grants = {
        .groups = json_object(), .limits = json_object(), .partition = wanted->partition};
    for (size_t i = 0; i < input->count; i++) {
        if (wanted->read)
            add_limits(&grants, input->policies[i], "read");
        if (wanted->write)
            add_limits(&grants, input->policies[i], "write");
    }
    if (wanted->read) {
        add_own_reads(&grants);
        add_policies(&grants, input, "read");
    }
    if (wanted->write)
        add_policies(&grants, input, "write");
    drop_needless(grants.groups);
    json_t *document = document_of(grants.groups);
    json_decref(grants.groups);
    json_decref(grants.limits);
    return checked(document, wanted, err);
}
