/* Parameters compared with models: what is accepted, what is refused and with which message; and
 * the paths of paginators. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aws/model/model_open.h"
#include "aws/model/model_path.h"
#include "aws/model/model_shape.h"
#include "aws/model_compiler/compile.h"
#include "aws/protocol/proto_validate.h"
#include "base/mem.h"
#include "support/models.h"
#include "value/json.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* An operation, its parameters as JSON, and the whole message (NULL: valid). */
struct sample {
    const char *service;
    const char *operation;
    const char *params;
    const char *message;
};

static json_t *parse(const char *text)
{
    struct err err = {0};
    json_t *value = json_parse(text, strlen(text), &err);
    if (value == NULL)
        fail_msg("%s: %s", text, err.message);
    return value;
}

typedef int validate(const struct model *model, model_operation operation, const json_t *params,
                     struct err *err);

static void check_sample(struct model_set *set, const struct sample *sample, validate *by)
{
    struct err err = {0};
    const struct model *model = must_open(set, sample->service);
    json_t *params = parse(sample->params);
    int result = by(model, must_find(model, sample->operation), params, &err);
    json_decref(params);
    if (result != 0 && sample->message == NULL)
        fail_msg("%s %s: %s", sample->operation, sample->params, err.message);
    if (sample->message == NULL)
        return;
    if (result == 0)
        fail_msg("%s %s: nothing was found", sample->operation, sample->params);
    assert_string_equal(err.message, sample->message);
    assert_int_equal(err.kind, ERR_PARAM);
}

static void check_samples(struct model_set *set, const struct sample *samples, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check_sample(set, &samples[i], proto_validate);
    model_set_free(set);
}

static void test_valid_parameters_are_accepted(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"sqs", "ListQueues", "{}", NULL},
        {"sqs", "ListQueues", "[]", NULL}, /* an empty Lua table */
        {"sqs", "ListQueues", "{\"QueueNamePrefix\":\"a\",\"MaxResults\":10}", NULL},
        {"sqs", "SetQueueAttributes", "{\"QueueUrl\":\"u\",\"Attributes\":{\"Policy\":\"\"}}",
         NULL},
        {"sqs", "SetQueueAttributes", "{\"QueueUrl\":\"u\",\"Attributes\":[]}", NULL},
        {"ec2", "DescribeInstances", "{\"InstanceIds\":{},\"DryRun\":false}", NULL},
        {"ec2", "DescribeInstances", "{\"Filters\":[{\"Name\":\"a\",\"Values\":[\"b\"]}]}", NULL},
        {"s3", "PutBucketAcl", "{\"Bucket\":\"b\",\"AccessControlPolicy\":{\"Grants\":[]}}", NULL},
        {"s3control", "GetPublicAccessBlock", "{\"AccountId\":\"111122223333\"}", NULL},
        {"cloudtrail", "LookupEvents", "{\"StartTime\":1700000000,\"EndTime\":1.5}", NULL},
        {"cloudtrail", "LookupEvents", "{\"StartTime\":\"2026-11-23T10:00:00Z\"}", NULL},
        {"cloudwatch", "PutMetricData",
         "{\"Namespace\":\"n\",\"MetricData\":[{\"MetricName\":\"m\",\"Value\":\"NaN\"},"
         "{\"MetricName\":\"m\",\"Value\":1},{\"MetricName\":\"m\",\"Value\":0.5}]}",
         NULL},
        {"dynamodb", "PutItem", "{\"TableName\":\"t\",\"Item\":{\"a\":{\"S\":\"x\"}}}", NULL},
        {"lambda", "Invoke", "{\"FunctionName\":\"f\",\"Payload\":\"bytes\"}", NULL},
        /* Its token is generated. */
        {"ecs", "CreateTaskSet", "{\"service\":\"s\",\"cluster\":\"c\",\"taskDefinition\":\"t\"}",
         NULL},
    };
    check_samples(real_models(), samples, COUNT(samples));
}

static void test_names(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"sqs", "ListQueues", "{\"QueueNamePrefx\":\"a\"}",
         "QueueNamePrefx: unknown parameter, did you mean \"QueueNamePrefix\"?"},
        {"sqs", "ListQueues", "{\"max_results\":1}",
         "max_results: unknown parameter, did you mean \"MaxResults\"?"},
        {"sqs", "ListQueues", "{\"Nonsense\":1}", "Nonsense: unknown parameter"},
        {"sqs", "GetQueueAttributes", "{}", "QueueUrl: required, but missing"},
        {"ec2", "CreateTags", "{\"Resources\":[\"i\"],\"Tags\":[{\"Key\":\"a\"},{\"Kye\":\"b\"}]}",
         "Tags[2].Kye: unknown parameter, did you mean \"Key\"?"},
        {"sqs", "SetQueueAttributes", "{\"QueueUrl\":\"u\"}", "Attributes: required, but missing"},
        {"s3", "PutBucketTagging", "{\"Bucket\":\"b\",\"Tagging\":{\"TagSet\":[{\"Key\":\"k\"}]}}",
         "Tagging.TagSet[1].Value: required, but missing"},
        /* Needed for the path and the host name. */
        {"s3", "GetBucketPolicy", "{}", "Bucket: required, but missing"},
        {"s3control", "GetPublicAccessBlock", "{}", "AccountId: required, but missing"},
    };
    check_samples(real_models(), samples, COUNT(samples));
}

static void test_types(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"sqs", "ListQueues", "7", "parameters: expected a table with names, got an integer"},
        {"sqs", "ListQueues", "[1]", "parameters: expected a table with names, got a list"},
        {"sqs", "ListQueues", "{\"QueueNamePrefix\":1}",
         "QueueNamePrefix: expected a string, got an integer"},
        {"sqs", "ListQueues", "{\"QueueNamePrefix\":null}",
         "QueueNamePrefix: expected a string, got null"},
        {"sqs", "ListQueues", "{\"MaxResults\":\"1\"}",
         "MaxResults: expected an integer, got a string"},
        {"sqs", "ListQueues", "{\"MaxResults\":1.5}",
         "MaxResults: expected an integer, got a number with a fraction"},
        {"sqs", "SetQueueAttributes", "{\"QueueUrl\":\"u\",\"Attributes\":{\"Policy\":{}}}",
         "Attributes.Policy: expected a string, got a table with names"},
        {"sqs", "SetQueueAttributes", "{\"QueueUrl\":\"u\",\"Attributes\":[\"x\"]}",
         "Attributes: expected a table with names, got a list"},
        {"ec2", "DescribeInstances", "{\"InstanceIds\":\"i-1\"}",
         "InstanceIds: expected a list, got a string"},
        {"ec2", "DescribeInstances", "{\"InstanceIds\":[\"a\",true]}",
         "InstanceIds[2]: expected a string, got a boolean"},
        {"ec2", "DescribeInstances", "{\"InstanceIds\":[null]}",
         "InstanceIds[1]: expected a string, got null"},
        {"ec2", "DescribeInstances", "{\"DryRun\":\"true\"}",
         "DryRun: expected a boolean, got a string"},
        {"cloudtrail", "LookupEvents", "{\"StartTime\":\"yesterday\"}",
         "StartTime: expected a time (seconds since 1970, or RFC 3339 text), got a string"},
        {"lambda", "Invoke", "{\"FunctionName\":\"f\",\"Payload\":{}}",
         "Payload: expected a string of bytes, got a table with names"},
        {"cloudwatch", "PutMetricData",
         "{\"Namespace\":\"n\",\"MetricData\":[{\"MetricName\":\"m\",\"Value\":\"much\"}]}",
         "MetricData[1].Value: expected a number, got a string"},
    };
    check_samples(real_models(), samples, COUNT(samples));
}

static void test_places_of_the_request(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"s3", "GetBucketPolicy", "{\"Bucket\":\"\"}",
         "Bucket: may not be empty, since it is part of the path"},
        {"s3control", "GetPublicAccessBlock", "{\"AccountId\":\"evil.example/\"}",
         "AccountId: becomes part of a host name, so only letters, digits and '-' are allowed"},
        {"s3control", "GetPublicAccessBlock", "{\"AccountId\":\"\"}",
         "AccountId: becomes part of a host name, so only letters, digits and '-' are allowed"},
        {"s3", "GetBucketPolicy", "{\"Bucket\":\"b\",\"ExpectedBucketOwner\":\"1\\r\\nX: y\"}",
         "ExpectedBucketOwner: becomes a header, so line breaks are not allowed"},
    };
    check_samples(real_models(), samples, COUNT(samples));
}

/* Only for changes; a read may use values that AWS has added since. */
static void test_listed_values(void **state)
{
    (void)state;
#define ATTRIBUTE(more) "{\"ImageId\":\"ami-1\"," more "}"
    static const struct sample samples[] = {
        {"ec2", "ModifyImageAttribute", ATTRIBUTE("\"OperationType\":\"remove\""), NULL},
        {"ec2", "ModifyImageAttribute", ATTRIBUTE("\"OperationType\":\"remov\""),
         "OperationType: none of the values that the API model lists, did you mean \"remove\"?"},
        {"ec2", "ModifyImageAttribute", ATTRIBUTE("\"OperationType\":\"add\\u0000\""),
         "OperationType: none of the values that the API model lists, did you mean \"add\"?"},
        {"ec2", "ModifyImageAttribute",
         ATTRIBUTE("\"LaunchPermission\":{\"Add\":[{\"Group\":\"x\"}]}"),
         "LaunchPermission.Add[1].Group: none of the values that the API model lists, which are "
         "\"all\""},
        {"sqs", "SetQueueAttributes", "{\"QueueUrl\":\"u\",\"Attributes\":{\"Polcy\":\"\"}}",
         "Attributes.Polcy: none of the values that the API model lists, did you mean \"Policy\"?"},
        {"ec2", "RunInstances", "{\"MinCount\":1,\"MaxCount\":1,\"InstanceType\":\"bathtub\"}",
         "InstanceType: none of the values that the API model lists"}, /* too many to list */
    };
    struct model_set *set = real_models();
    for (size_t i = 0; i < COUNT(samples); i++) {
        struct sample of_a_read = samples[i];
        of_a_read.message = NULL;
        check_sample(set, &samples[i], proto_validate_change);
        check_sample(set, &of_a_read, proto_validate);
    }
    model_set_free(set);
}

/* Values may be secrets: no message contains one. */
static void test_no_values_in_messages(void **state)
{
    (void)state;
    struct model_set *set = real_models();
    const struct model *model = must_open(set, "iam");
    struct err err = {0};
    json_t *params = parse("{\"UserName\":\"u\",\"Password\":[\"hunter2\"]}");
    assert_int_equal(proto_validate(model, must_find(model, "CreateLoginProfile"), params, &err),
                     -1);
    assert_string_equal(err.message, "Password: expected a string, got a list");
    json_decref(params);
    model_set_free(set);
}

static struct model_set *fixture_set(char **folder)
{
    *folder = scratch_folder();
    compile_fixture(*folder);
    return model_set_new(*folder);
}

static void test_traits(void **state)
{
    (void)state;
#define THING "{\"Name\":\"n\",\"Key\":\"k\","
    static const struct sample samples[] = {
        {"tiny", "PutThing", "{\"Name\":\"n\",\"Key\":\"k\"}", NULL},
        {"tiny", "PutThing", THING "\"Json\":{\"any\":[1,null]}}", NULL},
        {"tiny", "PutThing", THING "\"Rest\":{\"a\":\"b\"}}", NULL},
        {"tiny", "PutThing", THING "\"Rest\":{\"a\":1}}",
         "Rest.a: expected a string, got an integer"},
        {"tiny", "PutThing", THING "\"Flat\":[null]}", "Flat[1]: expected a string, got null"},
        {"tiny", "PutThing", "{\"Name\":\"-n\",\"Key\":\"k\"}",
         "Name: becomes part of a host name, so only letters, digits and '-' are allowed"},
        {"tiny", "PutThing", "{\"Name\":\"n\"}", "Key: required, but missing"},
        {"plain", "Ping", "{}", NULL},
        {"plain", "Ping", "[]", NULL},
        {"plain", "Ping", "{\"A\":1}", "A: the operation takes no parameters"},
        {"plain", "Ping", "\"x\"", "parameters: expected a table with names, got a string"},
    };
    char *folder;
    check_samples(fixture_set(&folder), samples, COUNT(samples));
    scratch_remove(folder);
}

static void test_unions_documents_and_sparse(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"odd", "Do", "{\"Choice\":{\"One\":\"x\"},\"Doc\":[1,{\"a\":null}],\"Sparse\":[null]}",
         NULL},
        {"odd", "Do", "{\"Doc\":null}", NULL},
        {"odd", "Do", "{\"SparseMap\":{\"a\":null,\"b\":\"c\"}}", NULL},
        {"odd", "Do", "{\"Choice\":{}}", "Choice: exactly one of its members must be set"},
        {"odd", "Do", "{\"Choice\":{\"One\":\"x\",\"Two\":1}}",
         "Choice: exactly one of its members must be set"},
        {"odd", "Do", "{\"Choice\":{\"Three\":\"x\"}}", "Choice.Three: unknown parameter"},
    };
    char *folder = scratch_folder();
    struct models_report report;
    struct err err = {0};
    if (models_compile("tests/fixtures/models/odd.json", folder, "odd", &report, &err) != 0)
        fail_msg("%s", err.message);
    check_samples(model_set_new(folder), samples, COUNT(samples));
    scratch_remove(folder);
}

static void test_depth(void **state)
{
    (void)state;
    char *folder = scratch_folder();
    struct models_report report;
    struct err err = {0};
    assert_int_equal(models_compile("tests/fixtures/models/odd.json", folder, "odd", &report, &err),
                     0);
    struct model_set *set = model_set_new(folder);
    const struct model *model = must_open(set, "odd");
    json_t *tree = json_object();
    for (int i = 0; i < 1000; i++)
        tree = json_pack("{s:o}", "Tree", tree);
    assert_int_equal(proto_validate(model, must_find(model, "Do"), tree, &err), -1);
    assert_non_null(strstr(err.message, ": nested too deeply"));
    json_decref(tree);
    assert_int_equal(proto_validate(model, must_find(model, "Do"), NULL, &err), 0);
    model_set_free(set);
    scratch_remove(folder);
}

static void test_paths(void **state)
{
    (void)state;
    static const char value[] =
        "{\"a\":{\"b\":[{\"c\":1},{\"c\":2}]},\"empty\":\"\",\"list\":[],\"no\":false,\"null\":"
        "null,"
        "\"zero\":0,\"with-dash\":\"d\",\"deep\":[[1,2],[3]],\"x y\":\"s\"}";
    static const struct {
        const char *path, *found; /* NULL: none */
    } paths[] = {
        {"a.b[0].c", "1"},
        {"a.b[-1].c", "2"},
        {"a.b[-2].c", "1"},
        {"a.b[2].c", NULL},
        {"a.b[-3].c", NULL},
        {"a.b.c", NULL},
        {"empty", "\"\""},
        {"null", NULL},
        {"missing", NULL},
        {"missing || a.b[1].c", "2"},
        {"empty||zero", "0"},
        {"list || no", "false"},
        {"missing || null", NULL},
        {"zero || a.b[1].c", "0"},
        {"with-dash", "\"d\""},
        {"deep[0][1]", "2"},
        {"deep[1][0]", "3"},
        {"\"x y\"", "\"s\""},
        {"  a.b[0].c  ", "1"},
        {"missing || empty || with-dash", "\"d\""},
        {"", NULL},
        {"a.", NULL},
        {"a..b", NULL},
        {"a.b[", NULL},
        {"a.b[x]", NULL},
        {"\"x", NULL},
        {"|| zero", NULL},
        {"a[0]", NULL},
        {"zero.a", NULL},
        {"a.b[99999999999999999999]", NULL},
    };
    json_t *root = parse(value);
    for (size_t i = 0; i < COUNT(paths); i++) {
        const json_t *found = model_path_get(root, paths[i].path);
        char *text = found != NULL ? json_text(found) : NULL;
        if ((text == NULL) != (paths[i].found == NULL))
            fail_msg("%s: %s", paths[i].path, text != NULL ? text : "nothing");
        if (text != NULL)
            assert_string_equal(text, paths[i].found);
        mem_free(text);
    }
    assert_null(model_path_get(NULL, "a"));
    json_decref(root);
}

/* Every path that a real paginator holds is understood: its first name is a member of the output.
 */
static void check_path(const struct model *model, model_shape output, const char *path)
{
    struct model_member member;
    char first[100];
    size_t length = strcspn(path, ".[ ");
    assert_true(length > 0 && length < sizeof first);
    memcpy(first, path, length);
    first[length] = '\0';
    if (!model_member_find(model, output, first, &member))
        fail_msg("%s: %s", model_info(model)->name, path);
}

static void test_paths_of_paginators(void **state)
{
    (void)state;
    struct model_set *set = real_models();
    size_t count, seen = 0;
    const char *const *services = model_services(set, &count);
    for (size_t i = 0; i < count; i++) {
        const struct model *model = must_open(set, services[i]);
        for (size_t j = 0; j < model_operation_count(model); j++) {
            struct model_operation_info info;
            struct model_paginator pages;
            model_operation operation = model_operation_at(model, j);
            if (!model_paginator(model, operation, &pages))
                continue;
            model_operation_info(model, operation, &info);
            for (size_t k = 0; k < pages.token_count; k++, seen++)
                check_path(model, info.output, pages.output_token[k]);
        }
    }
    assert_true(seen > 2000);
    model_set_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid_parameters_are_accepted),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_places_of_the_request),
        cmocka_unit_test(test_listed_values),
        cmocka_unit_test(test_no_values_in_messages),
        cmocka_unit_test(test_traits),
        cmocka_unit_test(test_unions_documents_and_sparse),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_paths_of_paginators),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
