/* Providers, waiters, freshness; static keys and assumed roles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aws/creds/creds_sts.h"
#include "base/clock.h"
#include "base/mem.h"
#include "support/creds_case.h"

#define STS "https://sts.us-east-1.amazonaws.com/"
#define ROLE "arn:aws:iam::111122223333:role/member"
#define IN_AN_HOUR "2026-11-23T11:00:00Z"

static struct creds_provider *own_keys(void)
{
    struct creds *creds = creds_new("AKIDOWN", SECRET, NULL, 0);
    struct creds_provider *provider = creds_static(creds);
    creds_drop(creds);
    return provider;
}

static struct creds_provider *role(const struct creds_assume *options)
{
    struct creds_provider *source = own_keys();
    struct creds_provider *provider = creds_assume_role(&case_env, source, options);
    creds_provider_drop(source);
    return provider;
}

static struct creds_provider *plain_role(void)
{
    return role(&(struct creds_assume){.role_arn = ROLE});
}

static void reply_keys(const char *access_key, const char *expiration)
{
    case_reply("POST", STS, 200, case_sts_xml("AssumeRole", access_key, expiration));
}

static void test_static(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    struct creds_provider *provider = own_keys();
    case_ask(provider, &outcome);
    assert_null(outcome.waiter);
    struct creds *creds = creds_hold(outcome.creds);
    case_keys(&outcome, "AKIDOWN");
    creds_expire(provider, creds);
    case_get(provider, &outcome);
    case_keys(&outcome, "AKIDOWN");
    creds_provider_drop(provider);
    assert_string_equal(creds->key.secret_key, SECRET);
    creds_drop(creds);
}

static void test_assume_role(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    struct creds_provider *provider = role(&(struct creds_assume){.role_arn = ROLE,
                                                                  .external_id = "e/x=1",
                                                                  .session_policy = "{\"a\":1}",
                                                                  .session_name = "me",
                                                                  .duration_s = 900});
    reply_keys("ASIAONE", IN_AN_HOUR);
    case_get(provider, &outcome);
    assert_string_equal(outcome.creds->key.session_token, "token-" SECRET);
    assert_int_equal(outcome.creds->expires_ms, CASE_NOW + 60 * MINUTE);
    case_keys(&outcome, "ASIAONE");
    assert_string_equal(case_request_body(0),
                        "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A"
                        "111122223333%3Arole%2Fmember&RoleSessionName=me&DurationSeconds=900&"
                        "ExternalId=e%2Fx%3D1&Policy=%7B%22a%22%3A1%7D");
    const char *headers = case_request_headers(0);
    assert_non_null(strstr(headers, "content-type: application/x-www-form-urlencoded"));
    assert_non_null(strstr(headers, "x-amz-date: 20261123T100000Z\n"));
    assert_non_null(strstr(headers, "authorization: AWS4-HMAC-SHA256 Credential=AKIDOWN/20261123/"
                                    "us-east-1/sts/aws4_request, SignedHeaders=content-type;host;"
                                    "x-amz-date, Signature="));
    creds_provider_drop(provider);
}

/* Proxies may change the header, so it is not signed. */
static void test_trace(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    struct creds_provider *provider = plain_role();
    case_env.trace_id = "Root=1-5;Sampled=1";
    reply_keys("ASIAONE", IN_AN_HOUR);
    case_get(provider, &outcome);
    case_keys(&outcome, "ASIAONE");
    const char *headers = case_request_headers(0);
    assert_non_null(strstr(headers, "X-Amzn-Trace-Id: Root=1-5;Sampled=1\n"));
    assert_non_null(strstr(headers, "SignedHeaders=content-type;host;x-amz-date, "));
    creds_provider_drop(provider);
}

static void begins_with(int request, const char *start, char out[80])
{
    const char *name = strstr(case_request_body(request), "RoleSessionName=");
    assert_non_null(name);
    name += strlen("RoleSessionName=");
    snprintf(out, 80, "%.*s", (int)strcspn(name, "&"), name);
    assert_int_equal(strncmp(out, start, strlen(start)), 0);
    assert_int_equal(strlen(out), strlen(start) + 32);
}

static void copy_session_name(int request, char out[80])
{
    begins_with(request, "engine-", out);
}

static void test_session_names_cannot_be_guessed(void **state)
{
    (void)state;
    char names[2][80];
    for (int i = 0; i < 2; i++) {
        struct outcome outcome = {0};
        struct creds_provider *provider = plain_role();
        reply_keys("ASIAONE", IN_AN_HOUR);
        case_get(provider, &outcome);
        case_keys(&outcome, "ASIAONE");
        copy_session_name(i, names[i]);
        assert_non_null(strstr(case_request_body(i), "DurationSeconds=3600"));
        assert_null(strstr(case_request_body(i), "Policy="));
        creds_provider_drop(provider);
    }
    assert_string_not_equal(names[0], names[1]);
}

/* Logs show session names: the name of the next session must be different. */
static void test_each_session_has_a_name_of_its_own(void **state)
{
    (void)state;
    char names[2][80];
    struct creds_provider *provider =
        role(&(struct creds_assume){.role_arn = ROLE, .session_prefix = "engine-change-"});
    for (int i = 0; i < 2; i++) {
        struct outcome outcome = {0};
        reply_keys("ASIAONE", IN_AN_HOUR);
        case_get(provider, &outcome);
        creds_expire(provider, outcome.creds);
        case_keys(&outcome, "ASIAONE");
        begins_with(i, "engine-change-", names[i]);
    }
    assert_string_not_equal(names[0], names[1]);
    creds_provider_drop(provider);
}

static void check_endpoint(const char *url, const char *region)
{
    struct outcome outcome = {0};
    char scope[100];
    int before = case_requests();
    struct creds_provider *provider = plain_role();
    case_reply("POST", url, 200, case_sts_xml("AssumeRole", "ASIAONE", IN_AN_HOUR));
    case_get(provider, &outcome);
    case_keys(&outcome, "ASIAONE");
    snprintf(scope, sizeof scope, "/%s/sts/aws4_request", region);
    assert_non_null(strstr(case_request_headers(before), scope));
    creds_provider_drop(provider);
}

static void test_endpoints(void **state)
{
    (void)state;
    check_endpoint(STS, "us-east-1");
    case_env.region = "eu-west-1";
    check_endpoint("https://sts.eu-west-1.amazonaws.com/", "eu-west-1");
    case_env.region = "cn-north-1";
    check_endpoint("https://sts.cn-north-1.amazonaws.com.cn/", "cn-north-1");
    case_env.region = "eu-central-1";
    check_endpoint("https://sts.eu-central-1.amazonaws.com/", "eu-central-1");
    case_setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:5000");
    check_endpoint("http://127.0.0.1:5000/", "eu-central-1");
    case_setenv("AWS_ENDPOINT_URL_STS", "http://LOCALHOST:5001/sts/");
    check_endpoint("http://localhost:5001/sts/", "eu-central-1");
    case_setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    check_endpoint("https://sts.eu-central-1.amazonaws.com/", "eu-central-1");
}

static void check_bad_endpoint(const char *part)
{
    struct outcome outcome = {0};
    struct creds_provider *provider = plain_role();
    case_get(provider, &outcome);
    case_failure(&outcome, part);
    creds_provider_drop(provider);
}

static void test_bad_endpoints(void **state)
{
    (void)state;
    case_env.region = "us-east-1.evil.example/";
    check_bad_endpoint("is not a region");
    case_env.region = NULL;
    case_setenv("AWS_ENDPOINT_URL_STS", "sts.example");
    check_bad_endpoint("AWS_ENDPOINT_URL");
}

/* Freshness. */

static void test_refresh_five_minutes_before(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    struct creds_provider *provider = plain_role();
    reply_keys("ASIAONE", IN_AN_HOUR);
    case_get(provider, &outcome);
    case_keys(&outcome, "ASIAONE");
    case_now += 55 * MINUTE - 1;
    case_get(provider, &outcome);
    case_keys(&outcome, "ASIAONE");
    assert_int_equal(case_requests(), 1);
    case_now += 1;
    reply_keys("ASIATWO", "2026-11-23T12:00:00Z");
    case_get(provider, &outcome);
    case_keys(&outcome, "ASIATWO");
    creds_provider_drop(provider);
}

static void refuse(void)
{
    case_reply("POST", STS, 403, case_sts_error("AccessDenied", "not now"));
}

/* A failed renewal is tried again after a pause; the old keys are used until they expire. */
static void test_failed_refresh(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    struct creds_provider *provider = plain_role();
    reply_keys("ASIAONE", IN_AN_HOUR);
    case_get(provider, &outcome);
    case_keys(&outcome, "ASIAONE");
    case_now += 56 * MINUTE;
    refuse();
    case_get(provider, &outcome);
    case_keys(&outcome, "ASIAONE");
    case_get(provider, &outcome);
    case_keys(&outcome, "ASIAONE");
    assert_int_equal(case_requests(), 2);
    case_now += MINUTE;
    refuse();
    case_get(provider, &outcome);
    case_keys(&outcome, "ASIAONE");
    case_now += 3 * MINUTE;
    refuse();
    case_get(provider, &outcome);
    case_failure(&outcome, "could not be assumed");
    reply_keys("ASIATWO", "2026-11-23T12:00:00Z");
    case_get(provider, &outcome);
    case_keys(&outcome, "ASIATWO");
    creds_provider_drop(provider);
}

/* Keys that have little time left when they arrive are not requested again at each call. */
static void test_short_lives(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    struct creds_provider *provider = plain_role();
    reply_keys("ASIAONE", "2026-11-23T10:02:00Z");
    for (int i = 0; i < 5; i++) {
        case_get(provider, &outcome);
        case_keys(&outcome, "ASIAONE");
    }
    case_now += MINUTE / 2;
    reply_keys("ASIATWO", "2026-11-23T10:00:40Z");
    case_get(provider, &outcome);
    case_keys(&outcome, "ASIATWO");
    case_now += 10000;
    reply_keys("ASIAOLD", "2026-11-23T10:00:40Z");
    case_get(provider, &outcome);
    case_failure(&outcome, "the credentials expired at 2026-11-23T10:00:40Z");
    creds_provider_drop(provider);
}

static void test_expire(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    struct creds *other = creds_new("A", "B", NULL, 0);
    struct creds_provider *provider = plain_role();
    reply_keys("ASIAONE", IN_AN_HOUR);
    case_get(provider, &outcome);
    struct creds *refused = creds_hold(outcome.creds);
    case_keys(&outcome, "ASIAONE");
    creds_expire(provider, other);
    case_get(provider, &outcome);
    case_keys(&outcome, "ASIAONE");
    creds_expire(provider, refused);
    creds_expire(provider, refused);
    refuse();
    case_get(provider, &outcome);
    case_failure(&outcome, "could not be assumed");
    reply_keys("ASIATWO", IN_AN_HOUR);
    case_get(provider, &outcome);
    case_keys(&outcome, "ASIATWO");
    creds_drop(refused);
    creds_drop(other);
    creds_provider_drop(provider);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_static, case_setup, case_teardown),
        cmocka_unit_test_setup_teardown(test_assume_role, case_setup, case_teardown),
        cmocka_unit_test_setup_teardown(test_trace, case_setup, case_teardown),
        cmocka_unit_test_setup_teardown(test_each_session_has_a_name_of_its_own, case_setup,
                                        case_teardown),
        cmocka_unit_test_setup_teardown(test_session_names_cannot_be_guessed, case_setup,
                                        case_teardown),
        cmocka_unit_test_setup_teardown(test_endpoints, case_setup, case_teardown),
        cmocka_unit_test_setup_teardown(test_bad_endpoints, case_setup, case_teardown),
        cmocka_unit_test_setup_teardown(test_refresh_five_minutes_before, case_setup,
                                        case_teardown),
        cmocka_unit_test_setup_teardown(test_failed_refresh, case_setup, case_teardown),
        cmocka_unit_test_setup_teardown(test_short_lives, case_setup, case_teardown),
        cmocka_unit_test_setup_teardown(test_expire, case_setup, case_teardown),
    };
    mem_install();
    return cmocka_run_group_tests_name("creds", tests, NULL, NULL);
}
