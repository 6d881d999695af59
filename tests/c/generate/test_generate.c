/* What is generated from policies: event patterns, the table of checks, annotations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "aws/model/model_open.h"
#include "base/mem.h"
#include "generate/generate_checks.h"
#include "generate/generate_events.h"
#include "generate/generate_hub.h"
#include "generate/generate_pages.h"
#include "generate/generate_types.h"
#include "support/declared.h"
#include "support/models.h"

/* ---- events ---- */

static void test_events_by_source(void **state)
{
    struct declared declared = {0};
    (void)state;
    declared_add(&declared,
                 "{'events':{'sqs:CreateQueue':{'delay':0},'ec2:RunInstances':{'delay':0}}}");
    declared_add(&declared, "{'events':{'sqs:AddPermission':{'delay':0},'sqs:CreateQueue':{}}}");
    declared_add(&declared, "{'events':{}}");
    declared_expect(
        generate_events(&declared.input),
        "[{'source':['aws.ec2'],'detail-type':['AWS API Call via CloudTrail'],'detail':"
        "{'eventSource':['ec2.amazonaws.com'],'eventName':['RunInstances'],"
        "'errorCode':[{'exists':false}]}},"
        "{'source':['aws.sqs'],'detail-type':['AWS API Call via CloudTrail'],'detail':"
        "{'eventSource':['sqs.amazonaws.com'],'eventName':['AddPermission','CreateQueue'],"
        "'errorCode':[{'exists':false}]}}]");
    declared_forget(&declared);
}

/* 300 names of one source: several patterns, each small enough, with each name once and in order.
 * */
static void test_events_are_split(void **state)
{
    struct declared declared = {0};
    char meta[16000] = "{'events':{", name[64];
    (void)state;
    for (int i = 0; i < 300; i++) {
        snprintf(name, sizeof name, "%s'sqs:SomethingHappened%03d':{}", i > 0 ? "," : "", i);
        strcat(meta, name);
    }
    declared_add(&declared, strcat(meta, "}}"));
    json_t *patterns = generate_events(&declared.input), *pattern, *event;
    size_t i, j;
    int seen = 0;
    assert_true(json_array_size(patterns) > 1);
    json_array_foreach (patterns, i, pattern) {
        char *text = json_dumps(pattern, 0);
        assert_true(strlen(text) < 2048);
        mem_free(text);
        json_array_foreach (json_object_get(json_object_get(pattern, "detail"), "eventName"), j,
                            event) {
            snprintf(name, sizeof name, "SomethingHappened%03d", seen++);
            assert_string_equal(json_string_value(event), name);
        }
        assert_true(j > 0);
    }
    assert_int_equal(seen, 300);
    json_decref(patterns);
    declared_forget(&declared);
}

static void test_no_events(void **state)
{
    struct declared declared = {0};
    (void)state;
    declared_expect(generate_events(&declared.input), "[]");
}

/* ---- Security Hub ---- */

#define HUB(type, details)                                                                         \
    "{'source':['aws.securityhub'],'detail-type':['Security Hub Findings - " type                  \
    "'],'detail':{" details "}}"
#define ACTION HUB("Custom Action", "'actionName':['Repair with engine']")

static void test_hub(void **state)
{
    struct declared declared = {0};
    (void)state;
    declared_add(&declared, "{'aws_type':'AWS::SQS::Queue'}");
    declared_add(&declared, "{'aws_type':'AWS::A::B','asff':'AwsAccount'}");
    declared_add(&declared, "{'asff':'AwsAccount'}");
    declared_add(&declared, "{'asff':'Other'}");
    declared_add(&declared, "{}");
    declared_expect(generate_hub(&declared.input),
                    "[" HUB("Imported",
                            "'findings':{'Compliance':{'Status':['FAILED','WARNING']},"
                            "'RecordState':['ACTIVE'],'Workflow':{'Status':['NEW','NOTIFIED']},"
                            "'ProductFields':{'engine/check':[{'exists':false}]},"
                            "'Resources':{'Type':['AwsAccount','AwsSqsQueue']}}") "," ACTION "]");
    declared_forget(&declared);
}

static void test_hub_without_types(void **state)
{
    struct declared declared = {0};
    (void)state;
    declared_expect(generate_hub(&declared.input), "[" ACTION "]");
}

/* An operator's own types may be many. */
static void test_hub_is_split(void **state)
{
    struct declared declared = {0};
    char meta[64];
    size_t i, types = 0;
    json_t *pattern;
    (void)state;
    for (int n = 0; n < 60; n++) {
        snprintf(meta, sizeof meta, "{'asff':'AwsSomethingWithALongName%d'}", n);
        declared_add(&declared, meta);
    }
    json_t *patterns = generate_hub(&declared.input);
    assert_true(json_array_size(patterns) > 2);
    json_array_foreach (patterns, i, pattern) {
        const json_t *detail = json_object_get(pattern, "detail");
        const json_t *resources = json_object_get(json_object_get(detail, "findings"), "Resources");
        assert_true(generate_pattern_fits(pattern));
        types += json_array_size(json_object_get(resources, "Type"));
    }
    assert_int_equal(types, 60);
    json_decref(patterns);
    declared_forget(&declared);
}

/* ---- checks, pages, types ---- */

static const char declared_checks[] =
    "{'type':'q','permissions':{"
    "'read':[{'action':'sqs:ListQueues','operations':['sqs:ListQueues']}],"
    "'write':[{'action':'sqs:DeleteQueue','operations':['sqs:DeleteQueue']}]},"
    "'events':{'sqs:CreateQueue':{'delay':0},'sqs:Later':{'delay':120}},"
    "'checks':[{'id':'q.a_b','title':'A | B\\\\ \\n C','severity':'high','fix':true,"
    "'risk':'Bad | worse.','advice':'Do.','url':'https://u/','impact':'stops',"
    "'repair':'Stops it.','needs':'dev_accounts',"
    "'controls':{'cis':['1.1','2.1 ~'],'nist':['X'],'securityhub':['SQS.1']}},"
    "{'id':'q.b','title':'D','severity':'low','fix':false,'controls':{}}]}";

static void test_checks(void **state)
{
    struct declared declared = {0};
    struct buf out;
    (void)state;
    buf_init(&out, 4096);
    declared_add(&declared, declared_checks);
    declared_add(&declared, "{'type':'r','events':{'sqs:CreateQueue':{'delay':9},'a:B':{}}}");
    generate_checks(&declared.input, &out);
    assert_non_null(strstr(buf_text(&out), "# Checks\n"));
    assert_non_null(strstr(
        buf_text(&out), "|---|---|---|---|---|\n"
                        "| [`q.a_b`](checks/q.md#qa_b) | A \\| B\\\\   C | high | stops | SQS.1, "
                        "CIS 3.0 1.1, CIS 3.0 2.1 ~, nist X |\n"
                        "| [`q.b`](checks/q.md#qb) | D | low | – | – |\n"));
    assert_non_null(strstr(buf_text(&out), "|---|---|---|\n| a | `B` | `r` |\n"
                                           "| sqs | `CreateQueue` | `q`, `r` after 9 s |\n"));
    buf_clear(&out);
    declared_forget(&declared);
}

static void test_pages(void **state)
{
    struct declared declared = {0};
    struct buf out;
    (void)state;
    buf_init(&out, 8192);
    declared_add(&declared, declared_checks);
    declared_add(&declared, "{'permissions':{'read':[],'write':[]},'events':{},'checks':[]}");
    generate_pages(&declared.input, &out);
    assert_string_equal(
        buf_text(&out),
        "# T (`t`)\n\nWritten by `engine generate pages`. [All checks](../checks.md).\n\n"
        "The checks look at what these calls return: `sqs:ListQueues`.\n"
        "\n## q.a_b\n\nA \\| B\\\\   C.\n\n- Severity: high\n- Why it matters: Bad \\| worse.\n"
        "- To correct it by hand: Do.\n- Repair: Stops it.\n"
        "- Impact: stops: what is repaired stops, until it is started or created again; only made "
        "with --repair q.a_b\n"
        "- Needs: the setting `DEV_ACCOUNTS`; without it the check is off\n"
        "- Controls: SQS.1, CIS 3.0 1.1, CIS 3.0 2.1 ~, nist X\n- See: https://u/\n"
        "\n## q.b\n\nD.\n\n- Severity: low\n"
        "- Repair: none. The engine reports the finding; correct it by hand.\n"
        "\n## Permissions\n\n- To audit: `sqs:ListQueues`\n- To repair: `sqs:DeleteQueue`\n"
        "\n## Events\n\nAfter one of these calls, the resource is audited again:\n\n"
        "- `sqs:CreateQueue`\n- `sqs:Later`, 120 seconds later\n"
        "\n# T (`t`)\n\nWritten by `engine generate pages`. [All checks](../checks.md).\n\n"
        "The checks look at what these calls return: .\n"
        "\n## Permissions\n\n- To audit: \n- To repair: none\n"
        "\n## Events\n\nNone: only polling finds changes.\n");
    buf_clear(&out);
    declared_forget(&declared);
}

/* With models, parameters and results have the structures of the API. */
static void test_types_with_models(void **state)
{
    static const char *const parts[] = {
        "---@field ListQueues fun(self: engine.aws.sqs, params?: engine.aws.sqs.ListQueuesRequest)"
        ": engine.aws.sqs.ListQueuesResult\n",
        "\n---@class engine.aws.sqs.ListQueuesResult\n---@field QueueUrls? string[]\n"
        "---@field NextToken? string\n",
        "---@field QueueUrl string\n",
        "---@field Attributes? table<string, string>\n",
        "---@field TableStatus? (\"CREATING\"|",
        "\n---@class engine.aws.dynamodb.KeySchemaElement\n",
        "---@field KeySchema? engine.aws.dynamodb.KeySchemaElement[]\n",
        "---@field CreationDateTime? number\n",
        "---@field ItemCount? integer\n",
        "---@field NoSuchOperation fun(self: engine.aws.sqs, params?: table): table\n",
    };
    struct declared declared = {0};
    struct buf out;
    struct model_set *models = real_models();
    (void)state;
    buf_init(&out, 1 << 20);
    declared_add(&declared, "{'permissions':{'read':[{'action':'a:B','operations':"
                            "['sqs:ListQueues','sqs:GetQueueAttributes','sqs:NoSuchOperation',"
                            "'dynamodb:DescribeTable']}]}}");
    generate_types(&declared.input, models, &out);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (strstr(buf_text(&out), parts[i]) == NULL)
            fail_msg("\"%s\" is missing", parts[i]);
    }
    buf_clear(&out);
    model_set_free(models);
    declared_forget(&declared);
}

static void test_types(void **state)
{
    struct declared declared = {0};
    struct buf out;
    (void)state;
    buf_init(&out, 4096);
    declared_add(&declared, declared_queue);
    declared_add(&declared, "{'permissions':{'read':[{'action':'a:B','operations':"
                            "['sso-admin:ListThings','sqs:ListQueues']}]}}");
    generate_types(&declared.input, NULL, &out);
    assert_non_null(
        strstr(buf_text(&out),
               "---@class engine.Aws\n"
               "---@field sqs engine.aws.sqs\n"
               "---@field sso_admin engine.aws.sso_admin\n"
               "\n"
               "---@class engine.aws.sqs: engine.Service\n"
               "---@field GetQueueAttributes fun(self: engine.aws.sqs, params?: table): table\n"
               "---@field ListQueues fun(self: engine.aws.sqs, params?: table): table\n"
               "---@field SetQueueAttributes fun(self: engine.aws.sqs, params?: table): table\n"
               "\n"
               "---@class engine.aws.sso_admin: engine.Service\n"
               "---@field ListThings fun(self: engine.aws.sso_admin, params?: table): table\n"));
    buf_clear(&out);
    declared_forget(&declared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events_by_source),
        cmocka_unit_test(test_events_are_split),
        cmocka_unit_test(test_no_events),
        cmocka_unit_test(test_hub),
        cmocka_unit_test(test_hub_without_types),
        cmocka_unit_test(test_hub_is_split),
        cmocka_unit_test(test_checks),
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_types_with_models),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
