/* The IAM policy that is generated from policies, and its resources. */
#include <fnmatch.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/declared.h"
#include "value/json.h"

static const struct generate_permissions both = {.read = true, .write = true, .partition = "aws"};

#define ORGANIZATION                                                                               \
    "'organizations:DescribeOrganization','organizations:ListAccounts',"                           \
    "'organizations:ListAccountsForParent','organizations:ListOrganizationalUnitsForParent'"
#define HEAD "{'Version':'2012-10-17','Statement':["

static json_t *permissions_of(struct declared *declared, bool read, bool write,
                              const char *partition)
{
    const struct generate_permissions wanted = {read, write, partition};
    struct err err = {0};
    json_t *document = generate_permissions(&declared->input, &wanted, &err);
    if (document == NULL)
        fail_msg("%s", err.message);
    return document;
}

static void test_permissions_read_and_write(void **state)
{
    struct declared declared = {0};
    (void)state;
    declared_add(&declared, declared_queue);
    declared_expect(
        permissions_of(&declared, true, true, "aws"),
        HEAD "{'Effect':'Allow','Action':[" ORGANIZATION ",'sqs:ListQueues'],'Resource':'*'},"
             "{'Effect':'Allow','Action':['sqs:GetQueueAttributes','sqs:SetQueueAttributes'],"
             "'Resource':['arn:aws:sqs:*:*:*']}]}");
    declared_expect(permissions_of(&declared, true, false, "aws-cn"),
                    HEAD "{'Effect':'Allow','Action':[" ORGANIZATION
                         ",'sqs:ListQueues'],'Resource':'*'},"
                         "{'Effect':'Allow','Action':['sqs:GetQueueAttributes'],"
                         "'Resource':['arn:aws-cn:sqs:*:*:*']}]}");
    declared_expect(permissions_of(&declared, false, true, "aws"),
                    HEAD "{'Effect':'Allow','Action':['sqs:SetQueueAttributes'],"
                         "'Resource':['arn:aws:sqs:*:*:*']}]}");
    declared_forget(&declared);
}

/* An action that is not known works on any resource only. */
static void test_permissions_of_the_unknown(void **state)
{
    struct declared declared = {0};
    (void)state;
    declared_add(&declared, "{'permissions':{'write':["
                            "{'action':'sq:SetQueueAttributes','operations':['sq:A']},"
                            "{'action':'sqs:SetQueueAttribute','operations':['sqs:B']},"
                            "{'action':'new:Thing','operations':['new:Thing']}]}}");
    declared_expect(permissions_of(&declared, false, true, "aws"),
                    HEAD "{'Effect':'Allow','Action':['new:Thing','sq:SetQueueAttributes',"
                         "'sqs:SetQueueAttribute'],'Resource':'*'}]}");
    declared_forget(&declared);
}

/* Roles are passed to the service that the policy calls; two policies share the statement. */
static void test_permissions_to_pass_a_role(void **state)
{
    struct declared declared = {0};
    (void)state;
    declared_add(&declared, "{'permissions':{'write':[{'action':'iam:PassRole','operations':[]},"
                            "{'action':'ecs:UpdateService','operations':['ecs:UpdateService']}]}}");
    declared_add(&declared, "{'permissions':{'write':[{'action':'iam:PassRole','operations':[]},"
                            "{'action':'ecs:DeleteTaskSet','operations':['ecs:DeleteTaskSet']}]}}");
    declared_expect(
        permissions_of(&declared, false, true, "aws"),
        HEAD "{'Effect':'Allow','Action':['ecs:DeleteTaskSet','ecs:UpdateService'],"
             "'Resource':['arn:aws:ecs:*:*:service/*','arn:aws:ecs:*:*:task-set/*']},"
             "{'Effect':'Allow','Action':['iam:PassRole'],'Resource':['arn:aws:iam::*:role/*'],"
             "'Condition':{'StringEquals':{'iam:PassedToService':"
             "['ecs.amazonaws.com','ecs-tasks.amazonaws.com']}}}]}");
    declared_forget(&declared);
}

/* Keys are used through the service, grants made for services only; what another policy needs
 * anyway stands once. */
static void test_permissions_to_use_keys(void **state)
{
    struct declared declared = {0};
    (void)state;
    declared_add(&declared,
                 "{'permissions':{'write':["
                 "{'action':'redshift:ModifyCluster','operations':['redshift:ModifyCluster']},"
                 "{'action':'kms:CreateGrant','operations':[]},"
                 "{'action':'kms:Decrypt','operations':[]},"
                 "{'action':'kms:DescribeKey','operations':[]}]}}");
    declared_add(&declared, "{'permissions':{'write':["
                            "{'action':'kms:DescribeKey','operations':['kms:DescribeKey']}]}}");
    declared_expect(permissions_of(&declared, false, true, "aws"),
                    HEAD "{'Effect':'Allow','Action':['kms:DescribeKey'],"
                         "'Resource':['arn:aws:kms:*:*:key/*']},"
                         "{'Effect':'Allow','Action':['redshift:ModifyCluster'],"
                         "'Resource':['arn:aws:redshift:*:*:cluster:*']},"
                         "{'Effect':'Allow','Action':['kms:CreateGrant'],"
                         "'Resource':['arn:aws:kms:*:*:key/*'],"
                         "'Condition':{'Bool':{'kms:GrantIsForAWSResource':'true'}}},"
                         "{'Effect':'Allow','Action':['kms:Decrypt'],"
                         "'Resource':['arn:aws:kms:*:*:key/*'],"
                         "'Condition':{'StringLike':{'kms:ViaService':['redshift.*']}}}]}");
    declared_forget(&declared);
}

/* Nothing that the policy calls could pass the role: nothing limits it. */
static void test_permissions_without_a_service(void **state)
{
    struct declared declared = {0};
    (void)state;
    declared_add(&declared, "{'permissions':{'write':[{'action':'iam:PassRole','operations':[]},"
                            "{'action':'x:Other','operations':[]}]}}");
    declared_expect(permissions_of(&declared, false, true, "aws"),
                    HEAD "{'Effect':'Allow','Action':['x:Other'],'Resource':'*'},"
                         "{'Effect':'Allow','Action':['iam:PassRole'],"
                         "'Resource':['arn:aws:iam::*:role/*']}]}");
    declared_forget(&declared);
}

/* Declares one action of so many letters. */
static void declare_long(struct declared *declared, size_t letters)
{
    char *name = mem_alloc(letters + 1);
    memset(name, 'A', letters);
    char *meta = mem_printf("{'permissions':{'write':[{'action':'x:%s','operations':[]}]}}", name);
    declared_add(declared, meta);
    mem_free(meta);
    mem_free(name);
}

/* 6,143 characters without white space are the most. */
static void test_permissions_that_are_too_long(void **state)
{
    struct declared exact = {0}, over = {0}, none = {0};
    const struct generate_permissions write = {.write = true, .partition = "aws"};
    struct err err = {0};
    (void)state;
    declare_long(&none, 1);
    json_t *document = permissions_of(&none, false, true, "aws");
    size_t rest = 6143 - generate_size(document) + 1;
    json_decref(document);
    declare_long(&exact, rest);
    document = permissions_of(&exact, false, true, "aws");
    assert_int_equal(generate_size(document), 6143);
    json_decref(document);
    declare_long(&over, rest + 1);
    assert_null(generate_permissions(&over.input, &write, &err));
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_non_null(strstr(err.message, "6144 characters"));
    assert_non_null(strstr(err.message, "--types"));
    assert_null(generate_permissions(&over.input, &both, &err));
    assert_non_null(strstr(err.message, "--access"));
    declared_forget(&none);
    declared_forget(&exact);
    declared_forget(&over);
}

/* ---- resources, against the reference ---- */

static bool fits_one(const char *pattern, const json_t *types)
{
    size_t i;
    json_t *type;
    json_array_foreach (types, i, type) {
        if (fnmatch(pattern, json_string_value(type), 0) == 0)
            return true;
    }
    return false;
}

/* ARNs of the reference, ${Partition} said; what else varies is one thing to a pattern. */
static json_t *known_types(const json_t *entry, const char *key)
{
    static const char partition[] = "arn:${Partition}:";
    json_t *types = json_array();
    size_t i;
    json_t *type;
    json_array_foreach (json_object_get(entry, key), i, type) {
        const char *text = json_string_value(type);
        assert_memory_equal(text, partition, strlen(partition));
        char *arn = mem_printf("arn:aws:%s", text + strlen(partition));
        json_array_append_new(types, json_string(arn));
        mem_free(arn);
    }
    return types;
}

static json_t *resources_of(const char *action)
{
    struct declared declared = {0};
    char *meta =
        mem_printf("{'permissions':{'write':[{'action':'%s','operations':['a:B']}]}}", action);
    declared_add(&declared, meta);
    mem_free(meta);
    json_t *document = permissions_of(&declared, false, true, "aws");
    json_t *statement = json_array_get(json_object_get(document, "Statement"), 0);
    json_t *resources = json_incref(json_object_get(statement, "Resource"));
    json_decref(document);
    declared_forget(&declared);
    return resources;
}

static void check_resources(const char *action, const json_t *entry)
{
    json_t *required = known_types(entry, "required");
    json_t *any = known_types(entry, "optional");
    json_t *resources = resources_of(action);
    json_t *resource, *type;
    size_t i, j;
    json_array_extend(any, required);
    if (json_array_size(any) == 0 && !json_is_string(resources))
        fail_msg("%s takes * only", action);
    if (json_array_size(required) > 0 && !json_is_array(resources))
        fail_msg("%s can be limited to resources", action);
    json_array_foreach (resources, i, resource) {
        if (!fits_one(json_string_value(resource), any))
            fail_msg("%s takes no %s", action, json_string_value(resource));
    }
    json_array_foreach (required, i, type) {
        bool covered = false;
        json_array_foreach (resources, j, resource)
            covered |= fnmatch(json_string_value(resource), json_string_value(type), 0) == 0;
        if (!covered)
            fail_msg("%s needs %s", action, json_string_value(type));
    }
    json_decref(resources);
    json_decref(required);
    json_decref(any);
}

static void test_resources_of_the_reference(void **state)
{
    struct err err = {0};
    const char *action;
    json_t *entry;
    (void)state;
    json_t *reference =
        json_load_path("tests/fixtures/permissions/resource_types.json", 1 << 20, &err);
    assert_non_null(reference);
    assert_true(json_object_size(reference) > 100);
    json_object_foreach (reference, action, entry)
        check_resources(action, entry);
    json_decref(reference);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_permissions_read_and_write),
        cmocka_unit_test(test_permissions_of_the_unknown),
        cmocka_unit_test(test_permissions_to_pass_a_role),
        cmocka_unit_test(test_permissions_to_use_keys),
        cmocka_unit_test(test_permissions_without_a_service),
        cmocka_unit_test(test_permissions_that_are_too_long),
        cmocka_unit_test(test_resources_of_the_reference),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
