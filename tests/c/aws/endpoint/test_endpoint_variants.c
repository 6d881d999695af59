/* FIPS and dual-stack endpoints, and endpoints in the config file. tests/e2e/test_endpoints.py
 * compares every service with botocore. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "aws/endpoint/endpoint.h"
#include "aws/model/model_open.h"
#include "base/mem.h"
#include "support/models.h"
#include "value/json.h"

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
    struct model_set *set;
    struct endpoints *endpoints;
};

static int set_up(void **state)
{
    struct fixture *fixture = mem_alloc(sizeof *fixture);
    environment = NULL;
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
    mem_free(fixture);
    return 0;
}

static struct endpoint resolve(const struct fixture *fixture, const char *service)
{
    struct endpoint endpoint;
    struct err err = {0};
    if (endpoint_resolve(fixture->endpoints, must_open(fixture->set, service), "us-east-1", "", "",
                         &endpoint, &err) != 0)
        fail_msg("%s: %s", service, err.message);
    return endpoint;
}

static void assert_variant(const struct fixture *fixture, const char *service, const char *base)
{
    assert_string_equal(resolve(fixture, service).base, base);
}

static void test_fips_and_dual_stack(void **state)
{
    struct fixture *fixture = *state;
    static const char *const fips[] = {"AWS_USE_FIPS_ENDPOINT", "true", NULL};
    static const char *const dual[] = {"AWS_USE_DUALSTACK_ENDPOINT", "True", NULL};
    static const char *const both[] = {"AWS_USE_FIPS_ENDPOINT", "true",
                                       "AWS_USE_DUALSTACK_ENDPOINT", "true", NULL};
    static const char *const neither[] = {"AWS_USE_FIPS_ENDPOINT", "false", NULL};
    environment = fips;
    assert_variant(fixture, "ec2", "https://ec2-fips.us-east-1.amazonaws.com");
    assert_variant(fixture, "s3", "https://s3-fips.us-east-1.amazonaws.com");
    environment = dual;
    assert_variant(fixture, "ec2", "https://ec2.us-east-1.api.aws");
    assert_variant(fixture, "s3", "https://s3.dualstack.us-east-1.amazonaws.com");
    environment = both;
    assert_variant(fixture, "ec2", "https://ec2-fips.us-east-1.api.aws");
    environment = neither;
    assert_variant(fixture, "ec2", "https://ec2.us-east-1.amazonaws.com");
}

static json_t *profile_of(const char *text)
{
    struct err err = {0};
    json_t *profile = json_parse(text, strlen(text), &err);
    assert_non_null(profile);
    return profile;
}

/* Variables take precedence over the profile, and a service's own URL over the one for all
 * services. */
static void test_config_file(void **state)
{
    struct fixture *fixture = *state;
    static const char *const all[] = {"AWS_ENDPOINT_URL", "http://env.test", NULL};
    static const char *const ignored[] = {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", NULL};
    static const char *const no_fips[] = {"AWS_USE_FIPS_ENDPOINT", "false", NULL};
    json_t *profile = profile_of("{\"endpoint_url\":\"http://all.test\",\"services\":{"
                                 "\"elastic_load_balancing_v2\":{\"endpoint_url\":"
                                 "\"http://elb.test/p\"}}}");
    endpoints_configure(fixture->endpoints, profile);
    json_decref(profile);
    assert_variant(fixture, "ec2", "http://all.test");
    assert_variant(fixture, "elbv2", "http://elb.test");
    environment = all;
    assert_variant(fixture, "elbv2", "http://env.test");
    environment = ignored;
    assert_variant(fixture, "ec2", "https://ec2.us-east-1.amazonaws.com");
    environment = NULL;
    profile = profile_of("{\"ignore_configured_endpoint_urls\":\"true\",\"endpoint_url\":"
                         "\"http://all.test\",\"use_fips_endpoint\":\"true\"}");
    endpoints_configure(fixture->endpoints, profile);
    json_decref(profile);
    assert_variant(fixture, "ec2", "https://ec2-fips.us-east-1.amazonaws.com");
    environment = no_fips;
    assert_variant(fixture, "ec2", "https://ec2.us-east-1.amazonaws.com");
}

static void assert_no_endpoint(const struct fixture *fixture, const char *service, const char *part)
{
    struct endpoint endpoint;
    struct err err = {0};
    assert_int_equal(endpoint_resolve(fixture->endpoints, must_open(fixture->set, service),
                                      "us-east-1", "", "", &endpoint, &err),
                     -1);
    assert_int_equal(err.kind, ERR_USAGE);
    assert_non_null(strstr(err.message, part));
}

static void test_impossible_demands(void **state)
{
    struct fixture *fixture = *state;
    static const char *const url[] = {"AWS_USE_FIPS_ENDPOINT", "true", "AWS_ENDPOINT_URL_EC2",
                                      "http://ec2.test", NULL};
    static const char *const odd[] = {"AWS_USE_DUALSTACK_ENDPOINT", "yes", NULL};
    static const char *const dual[] = {"AWS_USE_DUALSTACK_ENDPOINT", "true", NULL};
    environment = url;
    assert_no_endpoint(fixture, "ec2",
                       "AWS_ENDPOINT_URL is set together with AWS_USE_FIPS_ENDPOINT");
    assert_variant(fixture, "sqs", "https://sqs-fips.us-east-1.amazonaws.com");
    environment = odd;
    assert_no_endpoint(fixture, "ec2", "\"yes\" is neither true nor false");
    environment = dual;
    assert_no_endpoint(fixture, "cloudfront-keyvaluestore", "has no dual-stack endpoint");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_fips_and_dual_stack),
        TEST(test_config_file),
        TEST(test_impossible_demands),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
