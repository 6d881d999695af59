/* Endpoints in the config file, and the STS endpoint for sessions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "aws/creds/creds.h"
#include "aws/creds/creds_region.h"
#include "aws/creds/creds_sts.h"
#include "aws/creds/creds_sts_reply.h"
#include "aws/endpoint/endpoint.h"
#include "aws/model/model_open.h"
#include "base/mem.h"
#include "support/creds_case.h"
#include "support/models.h"
#include "value/json.h"

#define IN_AN_HOUR "2026-11-23T11:00:00Z"
#define KEYS "aws_access_key_id = AKIDBASE\naws_secret_access_key = " SECRET "\n"

static json_t *settings_of(const char *profile, struct err *err)
{
    memset(err, 0, sizeof *err);
    case_setenv("AWS_PROFILE", profile);
    return creds_profile_settings(&case_env, err);
}

static void assert_settings(const char *profile, const char *expected)
{
    struct err err;
    json_t *settings = settings_of(profile, &err);
    assert_int_equal(err.kind, ERR_NONE);
    char *text = settings != NULL ? json_text_canonical(settings) : mem_strdup("none");
    assert_string_equal(text, expected);
    mem_free(text);
    json_decref(settings);
}

static void test_profiles(void **state)
{
    (void)state;
    case_setenv("AWS_SHARED_CREDENTIALS_FILE", case_file("credentials", ""));
    case_setenv("AWS_CONFIG_FILE",
                case_file("config",
                          "[default]\nendpoint_url = http://all.test # for all\n" KEYS
                          "[profile b]\nuse_fips_endpoint = true\nuse_dualstack_endpoint=false\n"
                          "services = mine\ns3 =\n  addressing_style = path\n"
                          "[services mine]\nEC2 =\n  endpoint_url = http://ec2.test/\n"
                          "  Retries = 3\n# a comment\ns3 = \n\tendpoint_url = http://s3.test\n"
                          "kms = x\n"
                          "[services other]\nec2 =\n  endpoint_url = http://other.test\n"
                          "[profile c]\nservices = gone\n"));
    assert_settings(NULL, "{\"endpoint_url\":\"http://all.test\"}");
    assert_settings(
        "b", "{\"services\":{\"ec2\":{\"endpoint_url\":\"http://ec2.test/\",\"retries\":\"3\"},"
             "\"kms\":{},\"s3\":{\"endpoint_url\":\"http://s3.test\"}},"
             "\"use_dualstack_endpoint\":\"false\",\"use_fips_endpoint\":\"true\"}");
    assert_settings("nobody", "none");
    struct err err;
    assert_null(settings_of("c", &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_non_null(strstr(err.message, "no section [services gone]"));
}

/* AWS_DEFAULT_PROFILE names the profile of the keys, and therefore of the region and the endpoints,
 * too. */
static void test_default_profile(void **state)
{
    (void)state;
    case_setenv("AWS_SHARED_CREDENTIALS_FILE", case_file("credentials", ""));
    case_setenv("AWS_CONFIG_FILE", case_file("config", "[default]\nregion = us-east-1\n" KEYS
                                                       "[profile b]\nregion = eu-west-1\n"));
    case_setenv("AWS_DEFAULT_PROFILE", "b");
    char *region = creds_profile_region(&case_env);
    assert_string_equal(region, "eu-west-1");
    mem_free(region);
}

static void test_no_files(void **state)
{
    (void)state;
    case_setenv("AWS_CONFIG_FILE", "/nowhere/config");
    case_setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere/credentials");
    assert_settings(NULL, "none");
    case_setenv("AWS_CONFIG_FILE", case_file("config", "[default\n"));
    struct err err;
    assert_null(settings_of(NULL, &err));
    assert_int_equal(err.kind, ERR_CREDS);
}

static void assume(struct outcome *outcome)
{
    static const struct creds_assume role = {.role_arn = "arn:aws:iam::111122223333:role/r"};
    struct creds *keys = creds_new("AKIDBASE", SECRET, NULL, 0);
    struct creds_provider *source = creds_static(keys);
    struct creds_provider *assumed = creds_assume_role(&case_env, source, &role);
    case_get(assumed, outcome);
    creds_provider_drop(assumed);
    creds_provider_drop(source);
    creds_drop(keys);
}

static void assert_asked(const char *url)
{
    struct outcome outcome = {0};
    case_reply("POST", url, 200, case_sts_xml("AssumeRole", "ASIAROLE", IN_AN_HOUR));
    assume(&outcome);
    case_keys(&outcome, "ASIAROLE");
}

static void test_sts_by_variables(void **state)
{
    (void)state;
    case_env.region = "eu-west-1";
    case_setenv("AWS_USE_FIPS_ENDPOINT", "true");
    assert_asked("https://sts-fips.eu-west-1.amazonaws.com/");
    case_setenv("AWS_USE_DUALSTACK_ENDPOINT", "true");
    assert_asked("https://sts-fips.eu-west-1.api.aws/");
    case_setenv("AWS_USE_FIPS_ENDPOINT", NULL);
    assert_asked("https://sts.eu-west-1.api.aws/");
    struct outcome outcome = {0};
    case_setenv("AWS_ENDPOINT_URL_STS", "http://sts.test");
    assume(&outcome);
    case_failure(&outcome,
                 "is set together with AWS_USE_FIPS_ENDPOINT or AWS_USE_DUALSTACK_ENDPOINT");
}

static void test_sts_by_profile(void **state)
{
    (void)state;
    struct err err;
    case_setenv("AWS_SHARED_CREDENTIALS_FILE", case_file("credentials", ""));
    case_setenv("AWS_CONFIG_FILE",
                case_file("config", "[default]\nservices = x\n[services x]\n"
                                    "sts =\n  endpoint_url = http://sts.test/\n"));
    json_t *settings = settings_of(NULL, &err);
    case_env.profile = settings;
    assert_asked("http://sts.test/");
    case_env.profile = NULL;
    json_decref(settings);
}

/* Bits of enum endpoint_variant. */
static unsigned wanted;

static const char *wanted_variable(const char *name)
{
    if (strcmp(name, "AWS_USE_FIPS_ENDPOINT") == 0)
        return wanted & 1 ? "true" : "false";
    if (strcmp(name, "AWS_USE_DUALSTACK_ENDPOINT") == 0)
        return wanted & 2 ? "true" : NULL;
    return NULL;
}

/* STS is called before any model is open, with a table of its own, which must match the models. */
static void test_sts_as_the_models_say(void **state)
{
    (void)state;
    static const char *const regions[] = {"us-east-1",      "eu-west-1",     "cn-north-1",
                                          "us-gov-west-1",  "us-gov-east-1", "us-iso-east-1",
                                          "us-isob-east-1", "eusc-de-east-1"};
    struct model_set *set = real_models();
    struct endpoints *endpoints = endpoints_new(set, wanted_variable);
    struct creds_env env = case_env;
    env.getenv = wanted_variable;
    for (unsigned i = 0; i < 4 * sizeof regions / sizeof *regions; i++) {
        struct creds_endpoint ours;
        struct endpoint theirs;
        struct err err = {0};
        wanted = i % 4;
        assert_int_equal(creds_sts_endpoint(&env, regions[i / 4], &ours, &err), 0);
        assert_int_equal(endpoint_resolve(endpoints, must_open(set, "sts"), regions[i / 4], "", "",
                                          &theirs, &err),
                         0);
        assert_string_equal(ours.host, theirs.host);
    }
    endpoints_free(endpoints);
    model_set_free(set);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, case_setup, case_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_profiles),         CASE(test_default_profile), CASE(test_no_files),
        CASE(test_sts_by_variables), CASE(test_sts_by_profile),  CASE(test_sts_as_the_models_say),
    };
    mem_install();
    return cmocka_run_group_tests_name("creds_endpoints", tests, NULL, NULL);
}
