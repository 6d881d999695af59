/* The credential chain outside the shared files: environment, web identity, container, instance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aws/creds/creds_chain.h"
#include "base/mem.h"
#include "support/creds_case.h"

#define STS "https://sts.us-east-1.amazonaws.com/"
#define IMDS "http://169.254.169.254"
#define ROLES "/latest/meta-data/iam/security-credentials/"
#define AGENT "http://169.254.170.2/v2/credentials/id"
#define IN_AN_HOUR "2026-11-23T11:00:00Z"
#define KEYS_FILE "[default]\naws_access_key_id = AKIDFILE\naws_secret_access_key = " SECRET "\n"

static void keys_in_environment(void)
{
    case_setenv("AWS_ACCESS_KEY_ID", "AKIDENV");
    case_setenv("AWS_SECRET_ACCESS_KEY", SECRET);
}

static void keys_in_file(void)
{
    case_setenv("AWS_SHARED_CREDENTIALS_FILE", case_file("credentials", KEYS_FILE));
}

static void web_identity(void)
{
    case_setenv("AWS_WEB_IDENTITY_TOKEN_FILE", case_file("token", "jwt-" SECRET "\n"));
    case_setenv("AWS_ROLE_ARN", "arn:aws:iam::1:role/pod");
}

static void container(void)
{
    case_setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/id");
}

static void reply_imds(const char *base, const char *access_key)
{
    char url[200];
    snprintf(url, sizeof url, "%s/latest/api/token", base);
    case_reply("PUT", url, 200, "imds-token");
    snprintf(url, sizeof url, "%s" ROLES, base);
    case_reply("GET", url, 200, "my-role\n");
    snprintf(url, sizeof url, "%s" ROLES "my-role", base);
    case_reply("GET", url, 200, case_json(access_key, "Token", IN_AN_HOUR));
}

static void expect_keys(const char *access_key)
{
    struct outcome outcome = {0};
    struct creds_provider *chain = creds_chain(&case_env);
    case_get(chain, &outcome);
    case_keys(&outcome, access_key);
    creds_provider_drop(chain);
}

static void expect_failure(const char *part)
{
    struct outcome outcome = {0};
    struct creds_provider *chain = creds_chain(&case_env);
    case_get(chain, &outcome);
    case_failure(&outcome, part);
    creds_provider_drop(chain);
}

/* Each source in turn is removed; then the next one answers. */
static void test_precedence(void **state)
{
    (void)state;
    keys_in_environment();
    web_identity();
    keys_in_file();
    container();
    expect_keys("AKIDENV");
    case_setenv("AWS_ACCESS_KEY_ID", NULL);
    case_reply("POST", STS, 200, case_sts_xml("AssumeRoleWithWebIdentity", "ASIAWEB", IN_AN_HOUR));
    expect_keys("ASIAWEB");
    case_setenv("AWS_WEB_IDENTITY_TOKEN_FILE", NULL);
    expect_keys("AKIDFILE");
    case_setenv("AWS_SHARED_CREDENTIALS_FILE", NULL);
    case_reply("GET", AGENT, 200, case_json("ASIABOX", "Token", IN_AN_HOUR));
    expect_keys("ASIABOX");
    case_setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", NULL);
    reply_imds(IMDS, "ASIAEC2");
    expect_keys("ASIAEC2");
}

static void test_nothing(void **state)
{
    (void)state;
    case_fault("PUT", IMDS "/latest/api/token", ERR_TIMEOUT, false);
    expect_failure("no AWS credentials: set AWS_ACCESS_KEY_ID");
    case_setenv("AWS_EC2_METADATA_DISABLED", "true");
    expect_failure("AWS_EC2_METADATA_DISABLED=true");
}

/* What is missing now may exist later: no failure is remembered. */
static void test_found_later(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    struct creds_provider *chain = creds_chain(&case_env);
    case_setenv("AWS_EC2_METADATA_DISABLED", "true");
    case_get(chain, &outcome);
    case_failure(&outcome, "no AWS credentials");
    keys_in_file();
    case_get(chain, &outcome);
    struct creds *refused = creds_hold(outcome.creds);
    case_keys(&outcome, "AKIDFILE");
    keys_in_environment();
    case_get(chain, &outcome);
    case_keys(&outcome, "AKIDFILE");
    creds_expire(chain, refused);
    case_get(chain, &outcome);
    case_keys(&outcome, "AKIDENV");
    creds_drop(refused);
    creds_provider_drop(chain);
}

/* Environment. */

static void test_environment(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    struct creds_provider *chain = creds_chain(&case_env);
    keys_in_environment();
    case_setenv("AWS_SECURITY_TOKEN", "older-" SECRET);
    case_setenv("AWS_CREDENTIAL_EXPIRATION", IN_AN_HOUR);
    case_get(chain, &outcome);
    assert_string_equal(outcome.creds->key.session_token, "older-" SECRET);
    assert_int_equal(outcome.creds->expires_ms, CASE_NOW + 60 * MINUTE);
    case_keys(&outcome, "AKIDENV");
    creds_provider_drop(chain);
    case_setenv("AWS_SESSION_TOKEN", "token-" SECRET);
    chain = creds_chain(&case_env);
    case_get(chain, &outcome);
    assert_string_equal(outcome.creds->key.session_token, "token-" SECRET);
    case_keys(&outcome, "AKIDENV");
    creds_provider_drop(chain);
}

static void test_environment_mistakes(void **state)
{
    (void)state;
    keys_in_environment();
    keys_in_file();
    case_setenv("AWS_SECRET_ACCESS_KEY", "");
    expect_failure("AWS_SECRET_ACCESS_KEY is not set");
    keys_in_environment();
    case_setenv("AWS_CREDENTIAL_EXPIRATION", "tomorrow");
    expect_failure("AWS_CREDENTIAL_EXPIRATION is not a time");
    case_setenv("AWS_CREDENTIAL_EXPIRATION", "2026-11-23T09:59:00Z");
    expect_failure("expired at 2026-11-23T09:59:00Z: get new ones");
}

/* Web identity. */

static void test_web_identity(void **state)
{
    (void)state;
    web_identity();
    case_setenv("AWS_ROLE_SESSION_NAME", "pod-1");
    case_reply("POST", STS, 200, case_sts_xml("AssumeRoleWithWebIdentity", "ASIAWEB", IN_AN_HOUR));
    expect_keys("ASIAWEB");
    assert_string_equal(case_request_body(0),
                        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&"
                        "RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fpod&RoleSessionName=pod-1&"
                        "DurationSeconds=3600&WebIdentityToken=jwt-" SECRET);
    assert_null(strstr(case_request_headers(0), "authorization"));
}

static void test_web_identity_mistakes(void **state)
{
    (void)state;
    web_identity();
    case_reply("POST", STS, 400, case_sts_error("InvalidIdentityToken", "No OpenIDConnect"));
    expect_failure("OIDC provider");
    case_reply("POST", STS, 403, case_sts_error("AccessDenied", "Not authorized"));
    expect_failure("token's issuer, subject and audience");
    case_setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/nonexistent/token");
    expect_failure("cannot read /nonexistent/token: No such file");
    case_setenv("AWS_ROLE_ARN", NULL);
    expect_failure("AWS_ROLE_ARN is not");
}

/* Its writer renews the file in place: after a refusal, the token is read again, once. */
static void test_web_identity_is_read_again(void **state)
{
    (void)state;
    web_identity();
    case_reply("POST", STS, 400, case_sts_error("ExpiredTokenException", "Token expired"));
    case_reply("POST", STS, 200, case_sts_xml("AssumeRoleWithWebIdentity", "ASIAWEB", IN_AN_HOUR));
    expect_keys("ASIAWEB");
    case_reply("POST", STS, 400, case_sts_error("ExpiredTokenException", "Token expired"));
    case_reply("POST", STS, 400, case_sts_error("ExpiredTokenException", "Token expired"));
    expect_failure("whoever writes its file must renew it");
}

/* Container. */

static void test_container_token(void **state)
{
    (void)state;
    container();
    case_setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "one-" SECRET);
    case_reply("GET", AGENT, 200, case_json("ASIABOX", "Token", IN_AN_HOUR));
    expect_keys("ASIABOX");
    assert_non_null(strstr(case_request_headers(0), "authorization: one-" SECRET "\n"));
    case_setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", case_file("auth", "two-" SECRET "\n"));
    case_reply("GET", AGENT, 503, "busy " SECRET);
    case_reply("GET", AGENT, 200, case_json("ASIABOX", "Token", IN_AN_HOUR));
    expect_keys("ASIABOX");
    assert_non_null(strstr(case_request_headers(2), "authorization: two-" SECRET "\n"));
    case_setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", case_file("auth", "a-" SECRET "\nb: c"));
    expect_failure("contains a line break");
    case_setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/nonexistent");
    expect_failure("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: cannot read /nonexistent");
}

static void check_full_uri(const char *uri, bool allowed)
{
    case_setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri);
    if (!allowed) {
        expect_failure("AWS_CONTAINER_CREDENTIALS_FULL_URI");
        return;
    }
    case_reply("GET", uri, 200, case_json("ASIABOX", "Token", IN_AN_HOUR));
    expect_keys("ASIABOX");
}

static void test_container_hosts(void **state)
{
    (void)state;
    check_full_uri("https://keys.example/a?b=c", true);
    check_full_uri("http://localhost:8080/a", true);
    check_full_uri("http://127.8.9.10/a", true);
    check_full_uri("http://[::1]:80/a", true);
    check_full_uri("http://169.254.170.2/a", true);
    check_full_uri("http://169.254.170.23/v1/credentials", true);
    check_full_uri("http://[fd00:ec2::23]/v1/credentials", true);
}

static void test_container_hosts_refused(void **state)
{
    (void)state;
    static const char *const uris[] = {"http://keys.example/a",      "http://169.254.169.254/a",
                                       "http://127.0.0.1.example/",  "http://[fd00:ec2::254]/a",
                                       "http://128.0.0.1/",          "http://localhost.example/",
                                       "http://169.254.170.2.evil/", "http://localhost@evil.io/",
                                       "ftp://localhost/",           "localhost"};
    for (size_t i = 0; i < sizeof uris / sizeof *uris; i++)
        check_full_uri(uris[i], false);
}

static void test_container_failures(void **state)
{
    (void)state;
    container();
    case_reply("GET", AGENT, 403, "no " SECRET);
    expect_failure("container credentials: the container's credential endpoint returned "
                   "status 403");
    case_reply("GET", AGENT, 200, "{\"AccessKeyId\": \"A\", \"" SECRET);
    expect_failure("returned no JSON object");
    case_reply("GET", AGENT, 200, "{\"AccessKeyId\": \"A\"}");
    expect_failure("returned no JSON object with AccessKeyId and SecretAccessKey");
    case_reply("GET", AGENT, 200, case_json("A", "Token", SECRET));
    expect_failure("Expiration is not a time");
    for (int i = 0; i < 3; i++)
        case_fault("GET", AGENT, ERR_NET, false);
    expect_failure("container credentials: could not connect");
}

/* Instance. */

static void test_instance(void **state)
{
    (void)state;
    reply_imds(IMDS, "ASIAEC2");
    expect_keys("ASIAEC2");
    assert_string_equal(case_request_headers(0), "x-aws-ec2-metadata-token-ttl-seconds: 21600\n");
    assert_string_equal(case_request_headers(1), "x-aws-ec2-metadata-token: imds-token\n");
    assert_string_equal(case_request_headers(2), "x-aws-ec2-metadata-token: imds-token\n");
    case_setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ipv6");
    reply_imds("http://[fd00:ec2::254]", "ASIASIX");
    expect_keys("ASIASIX");
    case_setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1338/");
    reply_imds("http://127.0.0.1:1338", "ASIAOWN");
    expect_keys("ASIAOWN");
    case_setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "nonsense");
    expect_failure("AWS_EC2_METADATA_SERVICE_ENDPOINT");
}

static void reply_token(void)
{
    case_reply("PUT", IMDS "/latest/api/token", 200, "imds-token");
}

static void test_instance_failures(void **state)
{
    (void)state;
    case_reply("PUT", IMDS "/latest/api/token", 403, "");
    expect_failure("IMDSv2 must be enabled");
    case_reply("PUT", IMDS "/latest/api/token", 200, "a\r\nb: c");
    case_fault("GET", IMDS ROLES, ERR_NET, true);
    case_reply("GET", IMDS ROLES, 404, "");
    expect_failure("no role is attached to this instance");
    case_reply("PUT", IMDS "/latest/api/token", 200, "a b");
    expect_failure("something other than a token");
    reply_token();
    case_reply("GET", IMDS ROLES, 200, "r");
    case_reply("GET", IMDS ROLES "r", 200, "{\"Code\": \"AssumeRoleUnauthorizedAccess\"}");
    expect_failure("cannot be used (AssumeRoleUnauthorizedAccess)");
}

/* While the service has no newer keys, expired keys continue to be used and are requested again. */
static void test_instance_gives_expired_keys(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    struct creds_provider *chain = creds_chain(&case_env);
    reply_token();
    case_reply("GET", IMDS ROLES, 200, "r");
    case_reply("GET", IMDS ROLES "r", 200, case_json("ASIAOLD", "Token", "2026-11-23T09:00:00Z"));
    case_get(chain, &outcome);
    case_keys(&outcome, "ASIAOLD");
    case_now += 6 * MINUTE;
    reply_token();
    case_reply("GET", IMDS ROLES, 200, "r");
    case_reply("GET", IMDS ROLES "r", 200, case_json("ASIANEW", "Token", IN_AN_HOUR));
    case_get(chain, &outcome);
    case_keys(&outcome, "ASIANEW");
    creds_provider_drop(chain);
}

static void test_cancel(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    struct creds_provider *chain = creds_chain(&case_env);
    case_silence("PUT", IMDS "/latest/api/token");
    case_ask(chain, &outcome);
    creds_cancel(outcome.waiter);
    container();
    case_silence("GET", AGENT);
    creds_provider_drop(chain);
    chain = creds_chain(&case_env);
    case_ask(chain, &outcome);
    creds_provider_drop(chain);
    creds_cancel(outcome.waiter);
    assert_int_equal(outcome.calls, 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, case_setup, case_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_precedence),
        CASE(test_nothing),
        CASE(test_found_later),
        CASE(test_environment),
        CASE(test_environment_mistakes),
        CASE(test_web_identity),
        CASE(test_web_identity_mistakes),
        CASE(test_web_identity_is_read_again),
        CASE(test_container_token),
        CASE(test_container_hosts),
        CASE(test_container_hosts_refused),
        CASE(test_container_failures),
        CASE(test_instance),
        CASE(test_instance_failures),
        CASE(test_instance_gives_expired_keys),
        CASE(test_cancel),
    };
    mem_install();
    return cmocka_run_group_tests_name("creds_sources", tests, NULL, NULL);
}
