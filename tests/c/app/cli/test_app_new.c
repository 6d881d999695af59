/* engine new: the policies and tests that it writes pass, whatever form the API has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/cli/app.h"
#include "base/mem.h"
#include "support/app_case.h"

static void expect_file(const char *name, const char *part)
{
    char *text = app_read(name);
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" is not in %s:\n%s", part, name, text);
    mem_free(text);
}

static void writes_what_passes(void **state)
{
    static const struct {
        const char *from;
        const char *policy; /* occurs in the policy */
        const char *tests;  /* occurs in the tests */
    } rows[] = {
        {"dynamodb:DescribeTable", "reply and reply.Table", "{ TableNames = { \"one\" } }"},
        {"ec2:DescribeVolumes", ":one(\"DescribeVolumes\", \"VolumeIds\", resource.id)",
         "Volumes = { { VolumeId = ID, Encrypted = value } }"},
        {"rds:DescribeDBInstances", "wanted = { DBInstanceIdentifier = resource.id }",
         "\"DBInstanceNotFound\""},
        {"logs:DescribeLogGroups",
         "{ logGroupNamePrefix = resource.id }) do\n"
         "    for _, item in ipairs(page.logGroups or {}) do\n"
         "      if item.logGroupName == resource.id then return item end",
         "expect = \"gone\""},
        {"elbv2:DescribeLoadBalancers",
         "[\"elasticloadbalancing:DescribeLoadBalancers\"] = \"elbv2:DescribeLoadBalancers\"",
         "LoadBalancerArn = ID"},
        {"iam:GetUser", "wanted = { UserName = resource.id }", "{ Users = { { UserName = \"one\""},
        {"ecr:DescribeRepositories", "\"repositoryNames\", resource.id",
         "\"RepositoryNotFoundException\""},
        {"athena:GetWorkGroup", "ListWorkGroups { NextToken = token }",
         "{ with = { NextToken = \"next\" }, reply = "},
        {"s3:GetBucketVersioning", "s3:ListBuckets", "replies = replies(\"Enabled\")"},
        {"cloudtrail:DescribeTrails", "page = scope.aws.cloudtrail:DescribeTrails {}",
         "\"the list\""},
        {"kms:GetKeyRotationStatus", "  return reply\n", "KeyRotationEnabled = value,"},
        {"kms:DescribeKey", "reply.KeyMetadata", "\"NotFoundException\""},
        {"efs:DescribeFileSystems", "wanted = { FileSystemId = resource.id }", "\"two pages\""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *words = mem_printf("new t%zu --from %s --out own", i, rows[i].from);
        char *policy = mem_printf("own/t%zu.lua", i);
        char *tests = mem_printf("own/tests/t%zu_test.lua", i);
        app_expect(0, "next:", words);
        expect_file(policy, rows[i].policy);
        expect_file(tests, rows[i].tests);
        mem_free(words);
        mem_free(policy);
        mem_free(tests);
    }
    app_expect(0, "13 policies, 13 checks", "check --policies own");
    assert_null(strstr(app_case.err, "warning"));
    app_expect(0, "13 files: ", "test own/tests");
    app_wrote(" passed, 0 failed");
}

static void takes_the_operation_that_lists(void **state)
{
    (void)state;
    app_expect(0, "wrote own/b.lua and own/tests/b_test.lua",
               "new b --from s3:GetBucketVersioning --list s3:ListBuckets --out own");
    app_expect(0, "1 file: ", "test own/tests/b_test.lua");
    app_expect(0, "  engine test 'o'\\''n/tests/c_test.lua'\n  engine check 'o'\\''n/c.lua'\n",
               "new c --from s3:GetBucketVersioning --list s3:ListBuckets --out o'n");
    app_wrote("  engine scan --policies 'o'\\''n' --types c\n");
}

static void writes_into_the_policies_folder(void **state)
{
    (void)state;
    app_expect(0, "engine scan --policies ", "new table --from dynamodb:DescribeTable");
    app_expect(0, "1 file: 4 passed, 0 failed", "test");
    app_expect(EXIT_USAGE, "table.lua exists", "new table --from dynamodb:DescribeTable");
}

static void refuses_what_it_cannot_make(void **state)
{
    static const char *const rows[][2] = {
        {"requires --from SERVICE:OPERATION", "new t"},
        {"\"My-Type\" is not a type name", "new My-Type --from kms:DescribeKey"},
        {"not of the form service:Operation", "new t --from kms"},
        {"did you mean \"kms\"?", "new t --from kmss:DescribeKey"},
        {"did you mean \"DescribeKey\"?", "new t --from kms:DescribKey"},
        {"not among the reviewed reads", "new t --from sqs:SendMessage"},
        {"CreateKey returns no list", "new t --from kms:DescribeKey --list kms:CreateKey"},
        {"no operation \"ListKey\"", "new t --from kms:DescribeKey --list kms:ListKey"},
        {"returns only ids", "new t --from sqs:ListQueues"},
        {"are Reservations", "new t --from ec2:DescribeInstances"},
        {"needs more than an id", "new t --from eks:DescribeNodegroup"},
        {"no member that a check could look at", "new t --from s3:GetBucketEncryption"},
        {"name one with --list", "new t --from cognito-idp:DescribeUserPool"},
        {"requires MaxResults",
         "new t --from cognito-idp:DescribeUserPool --list cognito-idp:ListUserPools"},
        {"takes no id and returns no list", "new t --from iam:GetAccountSummary"},
        {"--list: its value is missing", "new t --from kms:DescribeKey --list"},
        {"exactly one TYPE", "new --from kms:DescribeKey"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        app_expect(EXIT_USAGE, rows[i][0], rows[i][1]);
    app_expect(1, "cannot be created", "new t --from kms:DescribeKey --out /proc/nowhere");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, app_case_set_up, app_case_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(writes_what_passes),
        CASE(takes_the_operation_that_lists),
        CASE(writes_into_the_policies_folder),
        CASE(refuses_what_it_cannot_make),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
