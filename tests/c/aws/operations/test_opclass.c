/* Compares the gate's table of operations with every operation of every model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aws/model/model_open.h"
#include "aws/model/model_shape.h"
#include "aws/operations/opclass.h"
#include "aws/operations/opclass_table.h"
#include "base/mem.h"
#include "support/models.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

struct expectation {
    enum opclass value;
    const char *service;
    const char *operations; /* separated by spaces */
};

/* Calls `each` with every word. */
static void each_word(const struct expectation *expected,
                      void (*each)(const struct expectation *expected, const char *word, void *arg),
                      void *arg)
{
    char *words = mem_strdup(expected->operations);
    char *rest = words;
    for (char *word; (word = strsep(&rest, " ")) != NULL;) {
        if (word[0] != '\0')
            each(expected, word, arg);
    }
    mem_free(words);
}

static void check_word(const struct expectation *expected, const char *word, void *arg)
{
    struct model_set *set = arg;
    must_find(must_open(set, expected->service), word);
    if (opclass_of(expected->service, word) != expected->value)
        fail_msg("%s:%s is %s, should be %s", expected->service, word,
                 opclass_name(opclass_of(expected->service, word)), opclass_name(expected->value));
}

static void check_all(const struct expectation *expected, size_t count)
{
    struct model_set *set = real_models();
    for (size_t i = 0; i < count; i++)
        each_word(&expected[i], check_word, set);
    model_set_free(set);
}

/* Reads of the checks. */
static void test_reads_of_policies(void **state)
{
    (void)state;
    static const struct expectation reads[] = {
        {OP_READ, "sqs", "ListQueues GetQueueAttributes GetQueueUrl ListQueueTags"},
        {OP_READ, "s3", "ListBuckets HeadBucket GetBucketEncryption GetPublicAccessBlock"},
        {OP_READ, "s3", "GetBucketPolicy GetBucketPolicyStatus GetBucketAcl GetBucketTagging"},
        {OP_READ, "s3", "GetBucketLocation GetBucketOwnershipControls GetBucketLogging"},
        {OP_READ, "s3control", "GetPublicAccessBlock"},
        {OP_READ, "elb", "DescribeLoadBalancers DescribeTags"},
        {OP_READ, "elbv2", "DescribeLoadBalancers DescribeTargetGroups DescribeTargetHealth"},
        {OP_READ, "elbv2", "DescribeListeners DescribeTags"},
        {OP_READ, "ec2", "DescribeImages DescribeImageAttribute DescribeSnapshots"},
        {OP_READ, "ec2", "DescribeSnapshotAttribute DescribeInstances DescribeAddresses"},
        {OP_READ, "ec2", "DescribeSecurityGroups DescribeSecurityGroupRules DescribeVpcs"},
        {OP_READ, "ec2", "DescribeFlowLogs DescribeNetworkInterfaces DescribeRegions"},
        {OP_READ, "ec2", "DescribeInstanceAttribute GetEbsEncryptionByDefault"},
        {OP_READ, "rds", "DescribeDBInstances DescribeDBClusters DescribeDBSnapshots"},
        {OP_READ, "rds", "DescribeDBSnapshotAttributes DescribeDBClusterSnapshots"},
        {OP_READ, "rds", "DescribeDBClusterSnapshotAttributes ListTagsForResource"},
        {OP_READ, "redshift", "DescribeClusters DescribeClusterParameters"},
        {OP_READ, "lambda", "ListFunctions GetPolicy ListVersionsByFunction ListAliases"},
        {OP_READ, "lambda", "GetFunctionConfiguration ListTags GetFunctionUrlConfig"},
        {OP_READ, "iam", "ListUsers ListRoles GetRole GetUser GetLoginProfile ListMFADevices"},
        {OP_READ, "iam", "GetAccountSummary GetAccountPasswordPolicy ListVirtualMFADevices"},
        {OP_READ, "iam", "GenerateCredentialReport GetCredentialReport ListAccessKeys"},
        {OP_READ, "iam", "GetAccessKeyLastUsed GenerateServiceLastAccessedDetails ListUserTags"},
        {OP_READ, "ecs", "ListClusters ListServices DescribeServices ListTasks DescribeTasks"},
        {OP_READ, "ecs", "DescribeTaskSets DescribeClusters"},
        {OP_READ, "kms", "ListKeys ListAliases DescribeKey GetKeyPolicy ListGrants"},
        {OP_READ, "guardduty", "ListDetectors GetDetector GetAdministratorAccount"},
        {OP_READ, "config", "DescribeConfigurationRecorders DescribeDeliveryChannels"},
        {OP_READ, "config", "DescribeConfigurationRecorderStatus"},
        {OP_READ, "cloudtrail", "DescribeTrails GetTrailStatus GetEventSelectors LookupEvents"},
        {OP_READ, "organizations", "ListAccounts DescribeOrganization"},
        {OP_READ, "logs", "DescribeLogGroups"},
        {OP_READ, "dynamodb", "ListTables DescribeTable"},
        {OP_READ, "ssm", "DescribeParameters DescribeInstanceInformation"},
        {OP_READ, "securityhub", "DescribeHub GetFindings"},
        {OP_READ, "secretsmanager", "ListSecrets DescribeSecret GetResourcePolicy"},
        {OP_READ, "sns", "ListTopics GetTopicAttributes"},
        {OP_READ, "sts", "GetCallerIdentity"},
    };
    check_all(reads, COUNT(reads));
}

/* Changes of the fixes, and other operations that must never count as reads. */
static void test_writes_of_policies(void **state)
{
    (void)state;
    static const struct expectation writes[] = {
        {OP_WRITE, "sqs", "SetQueueAttributes SendMessage DeleteQueue PurgeQueue AddPermission"},
        {OP_WRITE, "s3", "PutBucketPolicy DeleteBucketPolicy PutBucketAcl PutPublicAccessBlock"},
        {OP_WRITE, "s3", "PutObject DeleteObject CreateBucket DeleteBucket"},
        {OP_WRITE, "ec2", "ModifyImageAttribute ModifySnapshotAttribute StopInstances"},
        {OP_WRITE, "ec2", "TerminateInstances DisassociateAddress ModifyInstanceMetadataOptions"},
        {OP_WRITE, "ec2", "ModifyNetworkInterfaceAttribute RunInstances StartInstances"},
        {OP_WRITE, "rds", "ModifyDBSnapshotAttribute ModifyDBClusterSnapshotAttribute"},
        {OP_WRITE, "rds", "StopDBInstance StopDBCluster ModifyDBInstance StartDBInstance"},
        {OP_WRITE, "redshift", "ModifyCluster"},
        {OP_WRITE, "iam", "DeleteLoginProfile UpdateAccessKey DeleteAccessKey CreateUser"},
        {OP_WRITE, "iam", "UpdateAssumeRolePolicy CreateLoginProfile AttachRolePolicy"},
        {OP_WRITE, "elb", "DeregisterInstancesFromLoadBalancer RegisterInstancesWithLoadBalancer"},
        {OP_WRITE, "elbv2", "DeregisterTargets RegisterTargets"},
        {OP_WRITE, "lambda", "RemovePermission AddPermission Invoke"},
        {OP_WRITE, "ecs", "UpdateService StopTask DeleteTaskSet"},
        {OP_WRITE, "kms", "PutKeyPolicy ScheduleKeyDeletion CreateGrant"},
        {OP_WRITE, "sns", "Publish"},
        {OP_WRITE, "ssm", "SendCommand PutParameter"},
    };
    check_all(writes, COUNT(writes));
}

static void test_forbidden(void **state)
{
    (void)state;
    static const struct expectation forbidden[] = {
        {OP_FORBIDDEN, "sts", "AssumeRole AssumeRoot GetSessionToken GetFederationToken"},
        {OP_FORBIDDEN, "sqs", "ReceiveMessage"},
        {OP_FORBIDDEN, "s3", "GetObject SelectObjectContent HeadObject"},
        {OP_FORBIDDEN, "secretsmanager", "GetSecretValue BatchGetSecretValue"},
        {OP_FORBIDDEN, "ssm", "GetParameter GetParameters GetParametersByPath StartSession"},
        {OP_FORBIDDEN, "kms", "Decrypt GenerateDataKey GenerateDataKeyWithoutPlaintext"},
        {OP_FORBIDDEN, "dynamodb", "GetItem Scan Query BatchGetItem ExecuteStatement"},
        {OP_FORBIDDEN, "kinesis", "GetRecords"},
        {OP_FORBIDDEN, "athena", "GetQueryResults"},
        {OP_FORBIDDEN, "logs", "GetLogEvents FilterLogEvents"},
        {OP_FORBIDDEN, "lambda", "GetFunction"},
        {OP_FORBIDDEN, "ecr", "GetAuthorizationToken GetDownloadUrlForLayer"},
        {OP_FORBIDDEN, "redshift", "GetClusterCredentials GetClusterCredentialsWithIAM"},
        {OP_FORBIDDEN, "cognito-identity", "GetCredentialsForIdentity GetId GetOpenIdToken"},
        {OP_FORBIDDEN, "codeartifact", "GetAuthorizationToken"},
        {OP_FORBIDDEN, "lightsail", "GetRelationalDatabaseMasterUserPassword"},
        {OP_FORBIDDEN, "ec2", "GetPasswordData GetConsoleOutput GetConsoleScreenshot"},
        {OP_FORBIDDEN, "iam", "CreateAccessKey"},
        {OP_FORBIDDEN, "rds-data", "ExecuteStatement"},
    };
    check_all(forbidden, COUNT(forbidden));
}

/* Operations that are named like reads but are not: they write, start work, or return links,
 * identities or secrets. */
static void test_operations_named_like_reads_are_refused(void **state)
{
    (void)state;
    static const struct expectation none[] = {
        {OP_WRITE, "ec2", "GetFlowLogsIntegrationTemplate ExportImage RequestSpotInstances"},
        {OP_WRITE, "sagemaker", "GetScalingConfigurationRecommendation"},
        {OP_WRITE, "inspector", "GetAssessmentReport"},
        {OP_WRITE, "cloudformation", "DetectStackDrift DetectStackSetDrift TestType"},
        {OP_WRITE, "apigateway", "TestInvokeMethod TestInvokeAuthorizer"},
        {OP_WRITE, "dms", "TestConnection"},
        {OP_FORBIDDEN, "auditmanager", "GetEvidenceFileUploadUrl GetAssessmentReportUrl"},
        {OP_FORBIDDEN, "quicksight", "GetIdentityContext GetDashboardEmbedUrl"},
        {OP_FORBIDDEN, "chime-sdk-meetings", "GetAttendee ListAttendees"},
        {OP_FORBIDDEN, "ssm", "GetDeployablePatchSnapshotForInstance"},
        {OP_FORBIDDEN, "elbv2", "GetTrustStoreCaCertificatesBundle"},
        {OP_FORBIDDEN, "ec2", "GetVpnConnectionDeviceSampleConfiguration"},
        {OP_UNREVIEWED, "cloudhsmv2", "DescribeClusters"},
        {OP_UNREVIEWED, "inspector2", "ListFindings"},
        {OP_UNREVIEWED, "apigateway", "GetSdk GetModelTemplate"},
        {OP_UNREVIEWED, "cloudformation", "GetTemplate"},
        {OP_UNREVIEWED, "cognito-idp", "ListUsers"},
    };
    check_all(none, COUNT(none));
}

/* A misspelt or removed name protects nothing; lint.reads finds these. Here: the order in which
 * names are found. */
static void test_rows_are_in_order(void **state)
{
    (void)state;
    assert_true(review_operation_count > 2000 && review_pattern_count > 30);
    for (size_t i = 1; i < review_operation_count; i++)
        assert_true(strcmp(review_operations[i - 1].name, review_operations[i].name) < 0);
    for (size_t i = 1; i < review_member_count; i++)
        assert_true(strcmp(review_members[i - 1].name, review_members[i].name) < 0);
    for (size_t i = 0; i < review_pattern_count; i++)
        assert_int_equal(review_patterns[i].verdict, REVIEW_NEVER);
}

static void test_members(void **state)
{
    (void)state;
    assert_int_equal(review_member("ec2", "InstanceAttribute", "UserData"), REVIEW_SECRET);
    assert_int_equal(review_member("ec2", "InstanceAttribute", "InstanceType"), REVIEW_NONE);
    assert_int_equal(review_member("ecs", "KeyValuePair", "name"), REVIEW_PLAIN);
    assert_int_equal(review_member("ecs", "KeyValuePair", "value"), REVIEW_NONE);
    char longest[400];
    memset(longest, 'A', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(review_member("ecs", longest, longest), REVIEW_NONE);
    assert_int_equal(review_operation("sqs", longest), REVIEW_NONE);
}

static bool takes_token(const struct model *model, model_shape input)
{
    struct model_shape_info shape;
    model_shape_info(model, input, &shape);
    for (size_t i = 0; i < shape.member_count; i++) {
        struct model_member member;
        model_member_at(model, input, i, &member);
        if (member.idempotency_token)
            return true;
    }
    return false;
}

/* An operation with an idempotency token changes something; so do PUT, PATCH and DELETE. */
static bool looks_like_change(const char *service, const struct model *model,
                              const struct model_operation_info *info)
{
    if (strcmp(service, "fsx") == 0 && strcmp(info->name, "DescribeFileSystemAliases") == 0)
        return false; /* a read that has such a token nevertheless: Amazon FSx API Reference */
    return takes_token(model, info->input) || strcmp(info->http_method, "PUT") == 0 ||
           strcmp(info->http_method, "PATCH") == 0 || strcmp(info->http_method, "DELETE") == 0;
}

static void count_model(const struct model *model, size_t counts[4])
{
    const char *service = model_info(model)->name;
    for (size_t i = 0; i < model_operation_count(model); i++) {
        struct model_operation_info info;
        model_operation_info(model, model_operation_at(model, i), &info);
        enum opclass value = opclass_of(service, info.name);
        counts[value]++;
        if (value == OP_READ && looks_like_change(service, model, &info))
            fail_msg("%s:%s passes for a read but looks like a change", service, info.name);
    }
}

static void test_every_operation(void **state)
{
    (void)state;
    struct model_set *set = real_models();
    size_t count, counts[4] = {0};
    const char *const *services = model_services(set, &count);
    for (size_t i = 0; i < count; i++)
        count_model(must_open(set, services[i]), counts);
    print_message("%zu reads, %zu writes, %zu forbidden, %zu not reviewed\n", counts[OP_READ],
                  counts[OP_WRITE], counts[OP_FORBIDDEN], counts[OP_UNREVIEWED]);
    assert_in_range(counts[OP_READ], 1500, 3000);
    assert_true(counts[OP_WRITE] > 5000 && counts[OP_FORBIDDEN] > 500);
    model_set_free(set);
}

static void test_unknown_names_are_writes(void **state)
{
    (void)state;
    static const char *const odd[] = {
        "",      "Get",      "List",     "Getaway",      "Forgetful", "getQueueUrl", "Describer",
        " GetX", "BatchGet", "GetThing", "AnalyzeThing", "LookupIt",  "IsThere"};
    static const char *const changes[] = {
        "CreateThing",  "PutThing",  "DeleteThing",   "SetIt",      "BatchDeleteThing",
        "AdminSetUser", "ReEncrypt", "StartGetThing", "GenerateIt", "ReceiveMessages"};
    for (size_t i = 0; i < COUNT(odd); i++)
        assert_int_equal(opclass_of("of-my-own", odd[i]), OP_UNREVIEWED);
    for (size_t i = 0; i < COUNT(changes); i++)
        assert_int_equal(opclass_of("of-my-own", changes[i]), OP_WRITE);
    assert_int_equal(opclass_of("cognito_identity", "GetId"), OP_FORBIDDEN);
    assert_int_equal(opclass_of("st", "GetX"), OP_UNREVIEWED);
    assert_int_equal(opclass_of("sts", ""), OP_FORBIDDEN);
    assert_int_equal(opclass_of("sqs", "ListQueuesX"), OP_UNREVIEWED);
    assert_true(opclass_named_as_read("BatchGetThings") && opclass_named_as_read("ListThings"));
    assert_false(opclass_named_as_read("Getaway") || opclass_named_as_read("AdminGetUser") ||
                 opclass_named_as_read("BatchPutThings") || opclass_named_as_read(""));
    assert_string_equal(opclass_name(OP_READ), "read");
    assert_string_equal(opclass_name(OP_WRITE), "write");
    assert_string_equal(opclass_name(OP_FORBIDDEN), "forbidden");
    assert_string_equal(opclass_name(OP_UNREVIEWED), "unreviewed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_of_policies),
        cmocka_unit_test(test_writes_of_policies),
        cmocka_unit_test(test_forbidden),
        cmocka_unit_test(test_operations_named_like_reads_are_refused),
        cmocka_unit_test(test_rows_are_in_order),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_every_operation),
        cmocka_unit_test(test_unknown_names_are_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
