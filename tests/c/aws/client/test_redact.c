/* What policies do not see of responses: with the real models, the review, and a model of our own
 * that has every type. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "aws/client/client.h"
#include "aws/client/redact.h"
#include "aws/model/model_open.h"
#include "aws/model_compiler/compile.h"
#include "aws/operations/opset.h"
#include "base/mem.h"
#include "support/models.h"
#include "value/json.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

struct redacted {
    const char *service, *operation;
    const char *given;
    const char *declared; /* of that operation; NULL: none */
    const char *left;
};

static void assert_redacts(struct model_set *set, const struct redacted *expected)
{
    struct err err = {0};
    const struct model *model = must_open(set, expected->service);
    struct opset *declared = opset_new();
    char *name = mem_printf("%s.%s", expected->operation,
                            expected->declared != NULL ? expected->declared : "");
    if (expected->declared != NULL)
        opset_add(declared, expected->service, name);
    json_t *value = json_parse(expected->given, strlen(expected->given), &err);
    assert_non_null(value);
    redact(model, must_find(model, expected->operation), declared, value);
    char *text = json_text(value);
    assert_string_equal(text, expected->left);
    mem_free(text);
    json_decref(value);
    mem_free(name);
    opset_free(declared);
}

static void assert_all(struct model_set *set, const struct redacted *expected, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_redacts(set, &expected[i]);
}

static void test_answers_of_aws(void **state)
{
    (void)state;
    static const struct redacted answers[] = {
        {"ec2", "DescribeVpnConnections",
         "{\"VpnConnections\":[{\"VpnConnectionId\":\"vpn-1\",\"CustomerGatewayConfiguration\":"
         "\"<key>\",\"Options\":{\"TunnelOptions\":[{\"PreSharedKey\":\"psk\","
         "\"DpdTimeoutSeconds\":"
         "30}]},\"VgwTelemetry\":[{\"Status\":\"UP\"}]}]}",
         NULL,
         "{\"VpnConnections\":[{\"VpnConnectionId\":\"vpn-1\",\"CustomerGatewayConfiguration\":"
         "\"REDACTED\",\"Options\":{\"TunnelOptions\":[{\"PreSharedKey\":\"REDACTED\","
         "\"DpdTimeoutSeconds\":30}]},\"VgwTelemetry\":[{\"Status\":\"UP\"}]}]}"},
        {"ec2", "DescribeInstanceAttribute",
         "{\"InstanceId\":\"i-1\",\"UserData\":{\"Value\":\"c2VjcmV0\"},\"InstanceType\":{"
         "\"Value\":"
         "\"t3.nano\"}}",
         NULL,
         "{\"InstanceId\":\"i-1\",\"UserData\":{\"Value\":\"REDACTED\"},\"InstanceType\":{"
         "\"Value\":"
         "\"t3.nano\"}}"},
        {"ec2", "DescribeLaunchTemplateVersions",
         "{\"LaunchTemplateVersions\":[{\"LaunchTemplateData\":{\"UserData\":\"x\",\"ImageId\":"
         "\"ami-1\"}}]}",
         NULL,
         "{\"LaunchTemplateVersions\":[{\"LaunchTemplateData\":{\"UserData\":\"REDACTED\","
         "\"ImageId\":\"ami-1\"}}]}"},
        {"lambda", "GetFunctionConfiguration",
         "{\"FunctionName\":\"f\",\"Environment\":{\"Variables\":{\"DB\":\"secret\",\"B\":\"c\"}}}",
         NULL,
         "{\"FunctionName\":\"f\",\"Environment\":{\"Variables\":{\"DB\":\"REDACTED\",\"B\":"
         "\"REDACTED\"}}}"},
        {"ecs", "DescribeTaskDefinition",
         "{\"taskDefinition\":{\"containerDefinitions\":[{\"name\":\"web\",\"environment\":[{"
         "\"name\":\"KEY\",\"value\":\"secret\"}]}]}}",
         NULL,
         "{\"taskDefinition\":{\"containerDefinitions\":[{\"name\":\"web\",\"environment\":[{"
         "\"name\":\"KEY\",\"value\":\"REDACTED\"}]}]}}"},
        {"codebuild", "BatchGetProjects",
         "{\"projects\":[{\"name\":\"p\",\"environment\":{\"environmentVariables\":[{\"name\":"
         "\"K\","
         "\"value\":\"secret\",\"type\":\"PLAINTEXT\"}]}}]}",
         NULL,
         "{\"projects\":[{\"name\":\"p\",\"environment\":{\"environmentVariables\":[{\"name\":"
         "\"K\","
         "\"value\":\"REDACTED\",\"type\":\"PLAINTEXT\"}]}}]}"},
        {"rds", "DescribeDBInstances",
         "{\"DBInstances\":[{\"DBInstanceIdentifier\":\"d\",\"PendingModifiedValues\":{"
         "\"MasterUserPassword\":\"secret\",\"MultiAZ\":true}}]}",
         NULL,
         "{\"DBInstances\":[{\"DBInstanceIdentifier\":\"d\",\"PendingModifiedValues\":{"
         "\"MasterUserPassword\":\"REDACTED\",\"MultiAZ\":true}}]}"},
        {"cloudhsmv2", "DescribeClusters", "{\"Clusters\":[{\"PreCoPassword\":\"secret\"}]}", NULL,
         "{\"Clusters\":[{\"PreCoPassword\":\"REDACTED\"}]}"},
        {"iam", "ListVirtualMFADevices",
         "{\"VirtualMFADevices\":[{\"SerialNumber\":\"s\",\"Base32StringSeed\":\"seed\"}]}", NULL,
         "{\"VirtualMFADevices\":[{\"SerialNumber\":\"s\",\"Base32StringSeed\":\"REDACTED\"}]}"},
        {"cloudformation", "DescribeStacks",
         "{\"Stacks\":[{\"Parameters\":[{\"ParameterKey\":\"P\",\"ParameterValue\":\"secret\"}],"
         "\"Outputs\":[{\"OutputKey\":\"O\",\"OutputValue\":\"secret\"}]}]}",
         NULL,
         "{\"Stacks\":[{\"Parameters\":[{\"ParameterKey\":\"P\",\"ParameterValue\":\"REDACTED\"}],"
         "\"Outputs\":[{\"OutputKey\":\"O\",\"OutputValue\":\"REDACTED\"}]}]}"},
        {"pipes", "ListPipes", "{\"NextToken\":\"next\",\"Pipes\":[]}", NULL,
         "{\"NextToken\":\"next\",\"Pipes\":[]}"},
        {"sqs", "ListQueues", "{\"QueueUrls\":[\"u\"]}", NULL, "{\"QueueUrls\":[\"u\"]}"},
    };
    struct model_set *set = real_models();
    assert_all(set, answers, COUNT(answers));
    model_set_free(set);
}

static void test_what_is_declared_is_kept(void **state)
{
    (void)state;
    static const char user_data[] = "{\"UserData\":{\"Value\":\"c2VjcmV0\"}}";
    static const char tunnels[] = "{\"VpnConnections\":[{\"CustomerGatewayConfiguration\":\"c\","
                                  "\"Options\":{\"TunnelOptions\":[{\"PreSharedKey\":\"psk\"}]}}]}";
    static const struct redacted answers[] = {
        {"ec2", "DescribeInstanceAttribute", user_data, "UserData", user_data},
        {"ec2", "DescribeInstanceAttribute", user_data, "UserData.Value", user_data},
        {"ec2", "DescribeInstanceAttribute", user_data, "UserData.Values",
         "{\"UserData\":{\"Value\":\"REDACTED\"}}"},
        {"ec2", "DescribeVpnConnections", tunnels, "VpnConnections", tunnels},
        {"ec2", "DescribeVpnConnections", tunnels,
         "VpnConnections.Options.TunnelOptions.PreSharedKey",
         "{\"VpnConnections\":[{\"CustomerGatewayConfiguration\":\"REDACTED\",\"Options\":{"
         "\"TunnelOptions\":[{\"PreSharedKey\":\"psk\"}]}}]}"},
    };
    struct model_set *set = real_models();
    assert_all(set, answers, COUNT(answers));
    model_set_free(set);
}

/* The service of tests/fixtures/host, compiled during the test. */
static struct model_set *own_models(const char *folder)
{
    struct models_report report;
    struct err err = {0};
    if (models_compile("tests/fixtures/host/service-2.json", folder, "sqs", &report, &err) != 0)
        fail_msg("%s", err.message);
    return model_set_new(folder);
}

static void test_every_type(void **state)
{
    (void)state;
    static const struct redacted answer = {
        "sqs", "DescribeVault",
        "{\"Label\":\"l\",\"Password\":\"p\",\"Number\":7,\"Bytes\":\"b\",\"Flag\":true,\"Time\":1."
        "5,"
        "\"Variables\":{\"A\":\"a\",\"B\":\"b\"},\"Pairs\":[{\"Name\":\"n\",\"Value\":\"v\","
        "\"More\":"
        "[{\"Name\":\"m\",\"Value\":\"w\"}]}],\"Box\":{\"Label\":\"l\",\"Number\":3,\"Other\":["
        "\"o\"],"
        "\"None\":null},\"Marked\":\"m\",\"Unknown\":\"u\"}",
        NULL,
        "{\"Label\":\"l\",\"Password\":\"REDACTED\",\"Number\":0,\"Bytes\":\"REDACTED\",\"Flag\":"
        "false,"
        "\"Time\":0.0,\"Variables\":{\"A\":\"REDACTED\",\"B\":\"REDACTED\"},\"Pairs\":[{\"Name\":"
        "\"n\","
        "\"Value\":\"REDACTED\",\"More\":[{\"Name\":\"m\",\"Value\":\"REDACTED\"}]}],\"Box\":{"
        "\"Label\":\"REDACTED\",\"Number\":0,\"Other\":[\"REDACTED\"],\"None\":null},\"Marked\":"
        "\"REDACTED\",\"Unknown\":\"u\"}"};
    char *folder = scratch_folder();
    struct model_set *set = own_models(folder);
    assert_redacts(set, &answer);
    model_set_free(set);
    scratch_remove(folder);
}

static int covers(struct model_set *set, const char *operation, const char *path)
{
    const struct model *model = must_open(set, "ec2");
    return redact_affects(model, must_find(model, operation), path);
}

static void test_what_a_path_leads_to(void **state)
{
    (void)state;
    struct model_set *set = real_models();
    assert_int_equal(covers(set, "DescribeInstanceAttribute", "UserData"), 1);
    assert_int_equal(covers(set, "DescribeInstanceAttribute", "UserData.Value"), 1);
    assert_int_equal(covers(set, "DescribeInstanceAttribute", "InstanceType.Value"), 0);
    assert_int_equal(covers(set, "DescribeInstanceAttribute", "UserDate"), -1);
    assert_int_equal(covers(set, "DescribeVpnConnections", "VpnConnections.Options"), 1);
    assert_int_equal(covers(set, "DescribeVpnConnections", "VpnConnections.State"), 0);
    assert_int_equal(covers(set, "DescribeVpnConnections", "VpnConnections.State.More"), -1);
    assert_int_equal(covers(set, "DescribeVpnConnections", ""), -1);
    assert_int_equal(covers(set, "DescribeVpnConnections", "VpnConnections..Options"), -1);
    assert_int_equal(covers(set, "DeleteVpnConnection", "Return"), -1);
    model_set_free(set);
}

static void test_the_marker_is_found(void **state)
{
    (void)state;
    static const char *const with[] = {"\"REDACTED\"", "{\"a\":[{\"b\":\"REDACTED\"}]}"};
    static const char *const without[] = {"\"NOT REDACTED\"", "[1,null,{\"REDACTED\":\"a\"}]"};
    struct err err = {0};
    for (size_t i = 0; i < 2; i++) {
        json_t *one = json_parse(with[i], strlen(with[i]), &err);
        json_t *other = json_parse(without[i], strlen(without[i]), &err);
        assert_true(redact_found(one));
        assert_false(redact_found(other));
        json_decref(one);
        json_decref(other);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers_of_aws),      cmocka_unit_test(test_what_is_declared_is_kept),
        cmocka_unit_test(test_every_type),          cmocka_unit_test(test_what_a_path_leads_to),
        cmocka_unit_test(test_the_marker_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
