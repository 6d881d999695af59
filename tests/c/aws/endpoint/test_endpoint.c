/* Endpoints of a small model with its own rules, of real models, and overrides by the environment.
 * tests/e2e/test_endpoints.py compares every service with botocore. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aws/endpoint/endpoint.h"
#include "aws/endpoint/endpoint_partition.h"
#include "aws/model/model_open.h"
#include "aws/model_compiler/compile.h"
#include "base/mem.h"
#include "support/models.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* The environment that tests set: name, value, …, NULL. */
static const char *const *environment;

static const char *variable(const char *name)
{
    for (size_t i = 0; environment != NULL && environment[i] != NULL; i += 2) {
        if (strcmp(environment[i], name) == 0)
            return environment[i + 1];
    }
    return NULL;
}

struct fixture {
    char *folder;
    struct model_set *set;
    struct endpoints *endpoints;
};

static struct fixture *fixture_new(void)
{
    struct fixture *fixture = mem_alloc(sizeof *fixture);
    fixture->folder = scratch_folder();
    environment = NULL;
    return fixture;
}

static int set_up(void **state)
{
    struct fixture *fixture = fixture_new();
    compile_fixture(fixture->folder);
    fixture->set = model_set_new(fixture->folder);
    fixture->endpoints = endpoints_new(fixture->set, variable);
    *state = fixture;
    return 0;
}

static int set_up_real(void **state)
{
    struct fixture *fixture = fixture_new();
    fixture->set = real_models();
    fixture->endpoints = endpoints_new(fixture->set, variable);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    endpoints_free(fixture->endpoints);
    model_set_free(fixture->set);
    scratch_remove(fixture->folder);
    mem_free(fixture);
    return 0;
}

static struct endpoint resolve(const struct fixture *fixture, const char *service,
                               const char *region, const char *prefix, const char *bucket)
{
    struct endpoint endpoint;
    struct err err = {0};
    const struct model *model = must_open(fixture->set, service);
    if (endpoint_resolve(fixture->endpoints, model, region, prefix, bucket, &endpoint, &err) != 0)
        fail_msg("%s", err.message);
    return endpoint;
}

static void assert_goes(const struct fixture *fixture, const char *service, const char *region,
                        const char *base, const char *signing_name, const char *signing_region)
{
    struct endpoint endpoint = resolve(fixture, service, region, "", "");
    assert_string_equal(endpoint.base, base);
    assert_string_equal(endpoint.host, strstr(base, "://") + 3);
    assert_string_equal(endpoint.path_prefix, "");
    assert_string_equal(endpoint.signing_name, signing_name);
    assert_string_equal(endpoint.signing_region, signing_region);
    assert_false(endpoint.overridden || endpoint.bucket_in_host);
}

static void test_rules(void **state)
{
    struct fixture *fixture = *state;
    assert_goes(fixture, "tiny", "us-east-1", "https://tiny.us-east-1.amazonaws.com", "tiny",
                "us-east-1");
    /* One region has an endpoint of its own, signed for another region. */
    assert_goes(fixture, "tiny", "eu-west-1", "https://tiny-central.amazonaws.com", "tiny-sign",
                "us-east-1");
    assert_goes(fixture, "tiny", "cn-north-1", "https://tiny.cn-north-1.amazonaws.com.cn", "tiny",
                "cn-north-1");
    /* Regions that are not listed: by the pattern of their partition, or else of the first. */
    assert_goes(fixture, "tiny", "cn-south-12", "https://tiny.cn-south-12.amazonaws.com.cn", "tiny",
                "cn-south-12");
    assert_goes(fixture, "tiny", "mars-1", "https://tiny.mars-1.amazonaws.com", "tiny", "mars-1");
    /* A model without rules follows its partition's pattern. */
    assert_goes(fixture, "plain", "cn-north-1", "https://plain-prefix.cn-north-1.amazonaws.com.cn",
                "plain-prefix", "cn-north-1");
}

static const char *operation_base(const struct fixture *fixture, const char *operation,
                                  const char *region)
{
    static struct endpoint endpoint;
    struct err err = {0};
    const struct model *model = must_open(fixture->set, "tiny");
    assert_int_equal(endpoint_resolve_operation(fixture->endpoints, model,
                                                must_find(model, operation), region, "", "",
                                                &endpoint, &err),
                     0);
    return endpoint.base;
}

static void test_operations_served_elsewhere(void **state)
{
    struct fixture *fixture = *state;
    assert_string_equal(operation_base(fixture, "PutThing", "us-east-1"),
                        "https://tiny.us-east-1.amazonaws.com");
    assert_string_equal(operation_base(fixture, "Anonymous", "us-east-1"),
                        "https://data.tiny.us-east-1.api.aws");
    assert_string_equal(operation_base(fixture, "Anonymous", "eu-west-1"),
                        "https://data.tiny.eu-west-1.api.aws");
    /* If the rules have no such endpoint, the service's own endpoint is used. */
    assert_string_equal(operation_base(fixture, "Anonymous", "cn-north-1"),
                        "https://tiny.cn-north-1.amazonaws.com.cn");
    assert_string_equal(operation_base(fixture, "Streams", "us-east-1"),
                        "https://tiny.us-east-1.amazonaws.com");
}

static void test_real_services(void **state)
{
    struct fixture *fixture = *state;
    assert_goes(fixture, "sqs", "eu-west-1", "https://sqs.eu-west-1.amazonaws.com", "sqs",
                "eu-west-1");
    assert_goes(fixture, "iam", "eu-west-1", "https://iam.amazonaws.com", "iam", "us-east-1");
    assert_goes(fixture, "sts", "us-east-1", "https://sts.us-east-1.amazonaws.com", "sts",
                "us-east-1");
    assert_goes(fixture, "organizations", "eu-west-1",
                "https://organizations.us-east-1.amazonaws.com", "organizations", "us-east-1");
    assert_goes(fixture, "elbv2", "ap-southeast-3",
                "https://elasticloadbalancing.ap-southeast-3.amazonaws.com", "elasticloadbalancing",
                "ap-southeast-3");
    assert_goes(fixture, "s3", "us-east-1", "https://s3.us-east-1.amazonaws.com", "s3",
                "us-east-1");
    assert_goes(fixture, "s3", "cn-north-1", "https://s3.cn-north-1.amazonaws.com.cn", "s3",
                "cn-north-1");
    assert_goes(fixture, "guardduty", "us-gov-west-1",
                "https://guardduty.us-gov-west-1.amazonaws.com", "guardduty", "us-gov-west-1");
}

static void test_buckets(void **state)
{
    struct fixture *fixture = *state;
    struct endpoint endpoint = resolve(fixture, "s3", "eu-west-1", "", "my-bucket");
    assert_string_equal(endpoint.base, "https://my-bucket.s3.eu-west-1.amazonaws.com");
    assert_string_equal(endpoint.host, "my-bucket.s3.eu-west-1.amazonaws.com");
    assert_true(endpoint.bucket_in_host);
    static const char *const others[] = {"with.dots", "Upper", "ab", "-x-x", "a_b_c", "a/b/c", ""};
    for (size_t i = 0; i < COUNT(others); i++) {
        endpoint = resolve(fixture, "s3", "eu-west-1", "", others[i]);
        assert_string_equal(endpoint.base, "https://s3.eu-west-1.amazonaws.com");
        assert_false(endpoint.bucket_in_host);
    }
    assert_false(resolve(fixture, "s3", "eu-west-1", "", NULL).bucket_in_host);
    /* s3control's Bucket is not part of the host name. */
    endpoint = resolve(fixture, "s3control", "eu-west-1", "111122223333.", "my-bucket");
    assert_string_equal(endpoint.base, "https://111122223333.s3-control.eu-west-1.amazonaws.com");
    assert_string_equal(endpoint.signing_name, "s3");
    assert_false(endpoint.bucket_in_host);
}

static void test_override(void **state)
{
    struct fixture *fixture = *state;
    static const char *const both[] = {"AWS_ENDPOINT_URL", "http://127.0.0.1:5000/",
                                       "AWS_ENDPOINT_URL_TINY_THINGS",
                                       "https://Tiny.Example/a/prefix/", NULL};
    environment = both;
    struct endpoint endpoint = resolve(fixture, "plain", "us-east-1", "label.", "");
    assert_string_equal(endpoint.base, "http://127.0.0.1:5000");
    assert_string_equal(endpoint.host, "127.0.0.1:5000");
    assert_string_equal(endpoint.path_prefix, "");
    assert_string_equal(endpoint.signing_region, "us-east-1");
    assert_string_equal(endpoint.signing_name, "plain-prefix");
    assert_true(endpoint.overridden);
    endpoint = resolve(fixture, "tiny", "eu-west-1", "", "");
    assert_string_equal(endpoint.base, "https://tiny.example");
    assert_string_equal(endpoint.path_prefix, "/a/prefix");
    assert_string_equal(endpoint.signing_name, "tiny-sign");
    assert_string_equal(endpoint.signing_region, "us-east-1");
}

static void test_override_of_buckets(void **state)
{
    struct fixture *fixture = *state;
    static const char *const one[] = {"AWS_ENDPOINT_URL_S3", "http://localhost:9000", NULL};
    environment = one;
    struct endpoint endpoint = resolve(fixture, "s3", "eu-west-1", "", "my-bucket");
    assert_string_equal(endpoint.base, "http://localhost:9000");
    assert_false(endpoint.bucket_in_host);
    assert_string_equal(resolve(fixture, "sqs", "eu-west-1", "", "").base,
                        "https://sqs.eu-west-1.amazonaws.com");
}

static void test_override_ignored(void **state)
{
    struct fixture *fixture = *state;
    static const char *const ignored[] = {"AWS_ENDPOINT_URL", "http://127.0.0.1:5000",
                                          "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "True", NULL};
    static const char *const heeded[] = {"AWS_ENDPOINT_URL", "http://127.0.0.1:5000",
                                         "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false", NULL};
    static const char *const empty[] = {"AWS_ENDPOINT_URL", "", NULL};
    environment = ignored;
    assert_false(resolve(fixture, "plain", "us-east-1", "", "").overridden);
    environment = heeded;
    assert_true(resolve(fixture, "plain", "us-east-1", "", "").overridden);
    environment = empty;
    assert_false(resolve(fixture, "plain", "us-east-1", "", "").overridden);
}

static struct err refusal(const struct fixture *fixture, const char *region, const char *prefix)
{
    struct endpoint endpoint;
    struct err err = {0};
    assert_int_equal(endpoint_resolve(fixture->endpoints, must_open(fixture->set, "plain"), region,
                                      prefix, "", &endpoint, &err),
                     -1);
    return err;
}

static void test_refusals(void **state)
{
    struct fixture *fixture = *state;
    struct err err = refusal(fixture, NULL, "");
    assert_int_equal(err.kind, ERR_USAGE);
    assert_non_null(strstr(err.message, "no region: set --region"));
    static const char *const wrong[] = {
        "",    "EU",        "eu.west",
        "a/b", "evil.com#", "-eu",
        "eu-", "eu west",   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_int_equal(refusal(fixture, wrong[i], "").kind, ERR_USAGE);
    char prefix[400];
    memset(prefix, 'a', sizeof prefix - 1);
    prefix[sizeof prefix - 1] = '\0';
    assert_int_equal(refusal(fixture, "us-east-1", prefix).kind, ERR_LIMIT);
    static const char *const broken[] = {"AWS_ENDPOINT_URL", "127.0.0.1:5000", NULL};
    environment = broken;
    err = refusal(fixture, "us-east-1", "");
    assert_int_equal(err.kind, ERR_USAGE);
    assert_non_null(strstr(err.message, "AWS_ENDPOINT_URL"));
}

/* One service compiled by itself has no endpoint data, so it needs an override. */
static void test_without_endpoint_data(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new();
    struct models_report report;
    struct err err = {0};
    assert_int_equal(models_compile("tests/fixtures/models/data/plain/2020-01-01/service-2.json",
                                    fixture->folder, "plain", &report, &err),
                     0);
    assert_false(report.endpoints);
    fixture->set = model_set_new(fixture->folder);
    fixture->endpoints = endpoints_new(fixture->set, variable);
    err = refusal(fixture, "us-east-1", "");
    assert_int_equal(err.kind, ERR_USAGE);
    assert_non_null(strstr(err.message, "no endpoint data for plain"));
    assert_string_equal(endpoint_partition(fixture->endpoints, "cn-north-1"), "aws");
    static const char *const one[] = {"AWS_ENDPOINT_URL", "http://127.0.0.1:5000", NULL};
    environment = one;
    struct endpoint endpoint = resolve(fixture, "plain", "eu-west-1", "", "");
    assert_string_equal(endpoint.base, "http://127.0.0.1:5000");
    assert_string_equal(endpoint.signing_region, "eu-west-1");
    void *done = fixture;
    tear_down(&done);
}

static void test_partitions(void **state)
{
    struct fixture *fixture = *state;
    static const char *const regions[][2] = {
        {"us-east-1", "aws"},
        {"eu-west-77", "aws"},
        {"cn-north-1", "aws-cn"},
        {"cn-west-5", "aws-cn"},
        {"us-gov-east-1", "aws-us-gov"},
        {"us-isob-east-1", "aws-iso-b"},
        {"eusc-de-east-1", "aws-eusc"},
        {"mars", "aws"},
    };
    for (size_t i = 0; i < COUNT(regions); i++)
        assert_string_equal(endpoint_partition(fixture->endpoints, regions[i][0]), regions[i][1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_rules, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_operations_served_elsewhere, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_real_services, set_up_real, tear_down),
        cmocka_unit_test_setup_teardown(test_buckets, set_up_real, tear_down),
        cmocka_unit_test_setup_teardown(test_override, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_override_of_buckets, set_up_real, tear_down),
        cmocka_unit_test_setup_teardown(test_override_ignored, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refusals, set_up, tear_down),
        cmocka_unit_test(test_without_endpoint_data),
        cmocka_unit_test_setup_teardown(test_partitions, set_up_real, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
