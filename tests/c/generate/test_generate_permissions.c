/* The IAM policy that is generated from policies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "generate/generate_permissions.h"
#include "support/declared.h"
#include "value/json.h"

static const struct generate_permissions both = {.read = true, .write = true, .partition = "aws"};

/* The engine's own reads, as two statements. */
#define OWN                                                                                        \
    "'ec2:DescribeRegions','organizations:DescribeOrganization','organizations:ListAccounts',"     \
    "'organizations:ListAccountsForParent','organizations:ListOrganizationalUnitsForParent'"
#define ON_OWN_ROLES(partition)                                                                    \
    "{'Effect':'Allow','Action':['iam:SimulatePrincipalPolicy'],"                                  \
    "'Resource':['arn:" partition ":iam::*:role/*']},"
#define ON_ROLES "'on':['arn:${partition}:iam::${account}:role/*']"
#define ON_KEYS "'on':['arn:${partition}:kms:${region}:${account}:key/*']"
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
        HEAD "{'Effect':'Allow','Action':[" OWN ",'sqs:ListQueues'],'Resource':'*'}," ON_OWN_ROLES(
            "aws") "{'Effect':'Allow','Action':['sqs:GetQueueAttributes','sqs:SetQueueAttributes'],"
                   "'Resource':['arn:aws:sqs:*:*:*']}]}");
    declared_expect(permissions_of(&declared, true, false, "aws-cn"),
                    HEAD "{'Effect':'Allow','Action':[" OWN
                         ",'sqs:ListQueues'],'Resource':'*'}," ON_OWN_ROLES(
                             "aws-cn") "{'Effect':'Allow','Action':['sqs:GetQueueAttributes'],"
                                       "'Resource':['arn:aws-cn:sqs:*:*:*']}]}");
    declared_expect(permissions_of(&declared, false, true, "aws"),
                    HEAD "{'Effect':'Allow','Action':['sqs:SetQueueAttributes'],"
                         "'Resource':['arn:aws:sqs:*:*:*']}]}");
    declared_forget(&declared);
}

/* An action of several policies is limited to what any of them says. */
static void test_permissions_are_limited_by_all_policies(void **state)
{
    struct declared declared = {0};
    (void)state;
    declared_add(&declared, "{'permissions':{'read':[{'action':'x:Get','operations':['x:Get'],"
                            "'on':['arn:${partition}:x:${region}:${account}:b/*']}]}}");
    declared_add(&declared, "{'permissions':{'write':[{'action':'x:Get','operations':[],"
                            "'on':['arn:${partition}:x:${region}::c/*','arn:${partition}:x:::a']},"
                            "{'action':'y:Put','operations':['y:Put'],"
                            "'on':['arn:${partition}:y:us-east-1:${account}:${region}-d']}]}}");
    declared_expect(permissions_of(&declared, false, true, "aws-cn"),
                    HEAD "{'Effect':'Allow','Action':['x:Get'],"
                         "'Resource':['arn:aws-cn:x:*::c/*','arn:aws-cn:x:::a']},"
                         "{'Effect':'Allow','Action':['y:Put'],"
                         "'Resource':['arn:aws-cn:y:us-east-1:*:*-d']}]}");
    declared_expect(
        permissions_of(&declared, true, true, "aws"),
        HEAD "{'Effect':'Allow','Action':[" OWN "],'Resource':'*'}," ON_OWN_ROLES(
            "aws") "{'Effect':'Allow','Action':['x:Get'],"
                   "'Resource':['arn:aws:x:*:*:b/*','arn:aws:x:*::c/*','arn:aws:x:::a']},"
                   "{'Effect':'Allow','Action':['y:Put'],"
                   "'Resource':['arn:aws:y:us-east-1:*:*-d']}]}");
    declared_forget(&declared);
}

/* One policy that needs an action on everything is enough, whichever comes first. */
static void test_permissions_on_everything(void **state)
{
    static const char limited[] = "{'permissions':{'write':["
                                  "{'action':'x:Put','operations':['x:Put'],"
                                  "'on':['arn:${partition}:x:::a']},"
                                  "{'action':'x:Set','operations':['x:Set'],"
                                  "'on':['arn:${partition}:x:::b']}]}}";
    static const char unlimited[] =
        "{'permissions':{'write':[{'action':'x:Put','operations':['x:Put']}]}}";
    (void)state;
    for (int first = 0; first < 2; first++) {
        struct declared declared = {0};
        declared_add(&declared, first ? unlimited : limited);
        declared_add(&declared, first ? limited : unlimited);
        declared_expect(permissions_of(&declared, false, true, "aws"),
                        HEAD "{'Effect':'Allow','Action':['x:Put'],'Resource':'*'},"
                             "{'Effect':'Allow','Action':['x:Set'],"
                             "'Resource':['arn:aws:x:::b']}]}");
        declared_forget(&declared);
    }
}

/* Roles are passed to the service that the policy calls; two policies share the statement. */
static void test_permissions_to_pass_a_role(void **state)
{
    struct declared declared = {0};
    (void)state;
    declared_add(&declared,
                 "{'permissions':{'write':[{'action':'iam:PassRole','operations':[]," ON_ROLES "},"
                 "{'action':'ecs:UpdateService','operations':['ecs:UpdateService'],"
                 "'on':['arn:${partition}:ecs:${region}:${account}:service/*']}]}}");
    declared_add(&declared,
                 "{'permissions':{'write':[{'action':'iam:PassRole','operations':[]," ON_ROLES "},"
                 "{'action':'ecs:DeleteTaskSet','operations':['ecs:DeleteTaskSet'],"
                 "'on':['arn:${partition}:ecs:${region}:${account}:task-set/*']}]}}");
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
                 "{'action':'redshift:ModifyCluster','operations':['redshift:ModifyCluster'],"
                 "'on':['arn:${partition}:redshift:${region}:${account}:cluster:*']},"
                 "{'action':'kms:CreateGrant','operations':[]," ON_KEYS "},"
                 "{'action':'kms:Decrypt','operations':[]," ON_KEYS "},"
                 "{'action':'kms:DescribeKey','operations':[]," ON_KEYS "}]}}");
    declared_add(&declared,
                 "{'permissions':{'write':["
                 "{'action':'kms:DescribeKey','operations':['kms:DescribeKey']," ON_KEYS "}]}}");
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
    declared_add(&declared,
                 "{'permissions':{'write':[{'action':'iam:PassRole','operations':[]," ON_ROLES "},"
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_permissions_read_and_write),
        cmocka_unit_test(test_permissions_are_limited_by_all_policies),
        cmocka_unit_test(test_permissions_on_everything),
        cmocka_unit_test(test_permissions_to_pass_a_role),
        cmocka_unit_test(test_permissions_to_use_keys),
        cmocka_unit_test(test_permissions_without_a_service),
        cmocka_unit_test(test_permissions_that_are_too_long),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
