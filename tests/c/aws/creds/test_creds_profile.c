/* The shared files: how they are read, and the forms of a profile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "aws/creds/creds_chain.h"
#include "aws/creds/creds_region.h"
#include "base/mem.h"
#include "support/creds_case.h"

#define STS "https://sts.us-east-1.amazonaws.com/"
#define IN_AN_HOUR "2026-11-23T11:00:00Z"
#define SECRET_KEY "aws_secret_access_key = " SECRET "\n"
#define BASE "[profile base]\naws_access_key_id = AKIDBASE\n" SECRET_KEY

static void files(const char *config, const char *credentials)
{
    case_setenv("AWS_CONFIG_FILE", case_file("config", config));
    case_setenv("AWS_SHARED_CREDENTIALS_FILE", case_file("credentials", credentials));
    case_setenv("AWS_EC2_METADATA_DISABLED", "true");
}

static void ask(struct outcome *outcome)
{
    struct creds_provider *chain = creds_chain(&case_env);
    case_get(chain, outcome);
    creds_provider_drop(chain);
}

static void expect_keys(const char *profile, const char *access_key)
{
    struct outcome outcome = {0};
    case_setenv("AWS_PROFILE", profile);
    ask(&outcome);
    case_keys(&outcome, access_key);
}

static void expect_failure(const char *profile, const char *part)
{
    struct outcome outcome = {0};
    case_setenv("AWS_PROFILE", profile);
    ask(&outcome);
    case_failure(&outcome, part);
}

static void reply_keys(const char *access_key)
{
    case_reply("POST", STS, 200, case_sts_xml("AssumeRole", access_key, IN_AN_HOUR));
}

/* The files themselves. */

static void test_sections(void **state)
{
    (void)state;
    files("\xef\xbb\xbf# a comment\n"
          "[default]\n  aws_access_key_id=AKIDDEF\n  " SECRET_KEY "\n"
          "[ profile  \"with blank\" ] ; a comment\r\n"
          "AWS_Access_Key_ID = AKIDBLANK ; a comment\r\n"
          "aws_secret_access_key = " SECRET "\t# a comment\r\n"
          "[other]\naws_access_key_id = AKIDOTHER\n" SECRET_KEY
          "[sso-session x]\nsso_start_url = https://example\n"
          "[profile split]\naws_access_key_id = AKIDSPLIT\n"
          "s3 =\n  aws_access_key_id = AKIDNESTED\n   addressing_style = path\n"
          "[profilex]\naws_access_key_id = AKIDX\n" SECRET_KEY "[profile split]\n" SECRET_KEY,
          "");
    expect_keys(NULL, "AKIDDEF");
    expect_keys("default", "AKIDDEF");
    expect_keys("with blank", "AKIDBLANK");
    expect_keys("split", "AKIDSPLIT");
    expect_failure("other", "profile 'other' (AWS_PROFILE) is in neither");
    expect_failure("x", "is in neither");
    expect_failure("profilex", "is in neither");
}

static void test_values_are_whole(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    files("", "[default]\naws_access_key_id = AKIDDEF\n"
              "aws_secret_access_key = " SECRET "/+=;#x\naws_session_token = a==" SECRET);
    ask(&outcome);
    assert_string_equal(outcome.creds->key.secret_key, SECRET "/+=;#x");
    assert_string_equal(outcome.creds->key.session_token, "a==" SECRET);
    case_keys(&outcome, "AKIDDEF");
}

static void test_credentials_file_wins(void **state)
{
    (void)state;
    files("[profile a]\naws_access_key_id = AKIDCONF\n" SECRET_KEY "[profile b]\nregion = r\n",
          "[a]\naws_access_key_id = AKIDCRED\n[b]\naws_access_key_id = AKIDB\n" SECRET_KEY
          "[profile c]\naws_access_key_id = AKIDC\n" SECRET_KEY);
    expect_keys("a", "AKIDCRED");
    expect_keys("b", "AKIDB");
    expect_keys("profile c", "AKIDC");
    expect_failure("c", "is in neither");
    case_setenv("AWS_DEFAULT_PROFILE", "b");
    expect_keys("a", "AKIDCRED");
    expect_keys(NULL, "AKIDB");
}

/* --profile comes before keys, a web identity and AWS_PROFILE. */
static void test_named_by_option(void **state)
{
    (void)state;
    struct err err = {0};
    files(BASE, "[a]\naws_access_key_id = AKIDA\n" SECRET_KEY);
    case_setenv("AWS_ACCESS_KEY_ID", "AKIDENV");
    case_setenv("AWS_SECRET_ACCESS_KEY", SECRET);
    case_setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere");
    case_env.profile_name = "a";
    expect_keys("base", "AKIDA");
    case_env.profile_name = "bass";
    expect_failure("base", "did you mean \"base\"?");
    assert_null(creds_profile_settings(&case_env, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_non_null(strstr(err.message, "profile 'bass' (--profile) is in neither "));
    assert_non_null(strstr(err.message, case_env.getenv("AWS_CONFIG_FILE")));
    assert_non_null(strstr(err.message, case_env.getenv("AWS_SHARED_CREDENTIALS_FILE")));
}

static void test_home(void **state)
{
    (void)state;
    char path[300];
    const char *home = case_env.getenv("HOME");
    snprintf(path, sizeof path, "%s/.aws", home);
    assert_int_equal(mkdir(path, 0700), 0);
    case_file(".aws/config", "[default]\naws_access_key_id = AKIDHOME\n" SECRET_KEY);
    case_file("mine", "[default]\naws_access_key_id = AKIDMINE\n" SECRET_KEY);
    case_setenv("AWS_EC2_METADATA_DISABLED", "true");
    expect_keys(NULL, "AKIDHOME");
    case_setenv("AWS_CONFIG_FILE", "~/mine");
    expect_keys(NULL, "AKIDMINE");
    case_setenv("AWS_CONFIG_FILE", "/nonexistent/config");
    expect_failure(NULL, "no AWS credentials");
    case_setenv("AWS_CONFIG_FILE", path); /* a directory */
    expect_failure(NULL, "no AWS credentials");
    case_setenv("AWS_CONFIG_FILE", NULL);
    case_setenv("HOME", NULL);
    expect_failure(NULL, "no AWS credentials");
    unlink(case_file(".aws/config", ""));
    assert_int_equal(rmdir(path), 0);
}

static void expect_bad_file(const char *text, const char *part)
{
    files("", text);
    expect_failure(NULL, part);
}

static void test_bad_files(void **state)
{
    (void)state;
    expect_bad_file("[default]\n\n" SECRET "\n", "credentials line 3: this is neither [section]");
    expect_bad_file("[default\n" SECRET_KEY,
                    "credentials line 1: a section's name must end with ]");
    expect_bad_file(SECRET_KEY, "credentials line 1: a value precedes the first [section]");
}

/* Profiles. */

static void test_keys(void **state)
{
    (void)state;
    files("[profile half]\naws_access_key_id = A\n[profile other]\n" SECRET_KEY
          "[profile none]\nregion = eu-west-1\n",
          "");
    expect_failure("half", "profile 'half': aws_access_key_id or aws_secret_access_key is missing");
    expect_failure("other", "profile 'other': aws_access_key_id or");
    expect_failure("none", "no AWS credentials");
}

static void test_role(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    files(BASE "[profile role]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = base\n"
               "role_session_name = me\nexternal_id = ex # by contract\nduration_seconds = 1800\n"
               "region = eu-west-1\n",
          "");
    case_setenv("AWS_PROFILE", "role");
    case_reply("POST", "https://sts.eu-west-1.amazonaws.com/", 200,
               case_sts_xml("AssumeRole", "ASIAROLE", IN_AN_HOUR));
    ask(&outcome);
    case_keys(&outcome, "ASIAROLE");
    assert_string_equal(case_request_body(0),
                        "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3A"
                        "role%2Fr&RoleSessionName=me&DurationSeconds=1800&ExternalId=ex");
    assert_non_null(strstr(case_request_headers(0), "Credential=AKIDBASE/20261123/eu-west-1/sts/"));
}

static void test_roles_in_a_row(void **state)
{
    (void)state;
    files(BASE "[profile a]\nrole_arn = A\nsource_profile = b\n"
               "[profile b]\nrole_arn = B\nsource_profile = base\n"
               "[profile own]\nrole_arn = O\nsource_profile = own\naws_access_key_id = "
               "AKIDSELF\n" SECRET_KEY "[profile c]\nrole_arn = C\nsource_profile = own\n",
          "");
    reply_keys("ASIAB");
    reply_keys("ASIAA");
    expect_keys("a", "ASIAA");
    assert_non_null(strstr(case_request_body(0), "RoleArn=B&"));
    assert_non_null(strstr(case_request_headers(1), "Credential=ASIAB/"));
    reply_keys("ASIAO");
    expect_keys("own", "ASIAO");
    assert_non_null(strstr(case_request_headers(2), "Credential=AKIDSELF/"));
    reply_keys("ASIAC");
    expect_keys("c", "ASIAC");
    assert_non_null(strstr(case_request_body(3), "RoleArn=C&"));
}

static void test_circles(void **state)
{
    (void)state;
    struct buf text;
    buf_init(&text, 100000);
    for (int i = 0; i < 40; i++)
        buf_addf(&text, "[profile p%d]\nrole_arn = R\nsource_profile = p%d\n", i, i + 1);
    buf_adds(&text, "[profile a]\nrole_arn = A\nsource_profile = b\n"
                    "[profile b]\nrole_arn = B\nsource_profile = a\n"
                    "[profile self]\nrole_arn = S\nsource_profile = self\n"
                    "[profile in]\nrole_arn = I\nsource_profile = a\n");
    files(buf_text(&text), "");
    buf_clear(&text);
    expect_failure("a", "profile 'b': its source_profile 'a' leads back to itself");
    expect_failure("in", "leads back to itself");
    expect_failure("self", "profile 'self': its source_profile 'self' leads back to itself");
    expect_failure("p0", "leads back to itself, or is too long a chain");
}

static void test_role_mistakes(void **state)
{
    (void)state;
    files(BASE
          "[profile lost]\nrole_arn = R\nsource_profile = gone\n"
          "[profile empty]\nregion = r\n[profile hollow]\nrole_arn = R\nsource_profile = empty\n"
          "[profile both]\nrole_arn = R\nsource_profile = base\ncredential_source = Environment\n"
          "[profile alone]\nrole_arn = R\n"
          "[profile odd]\nrole_arn = R\ncredential_source = Moon\n"
          "[profile long]\nrole_arn = R\nsource_profile = base\nduration_seconds = 1h\n",
          "");
    expect_failure("lost", "profile 'lost': its source_profile 'gone' does not exist");
    expect_failure("hollow", "profile 'hollow': its source_profile 'empty' names no credentials");
    expect_failure("both", "both source_profile and credential_source: keep one");
    expect_failure("alone", "neither source_profile nor credential_source");
    expect_failure("odd", "credential_source \"Moon\" is not one of Environment");
    expect_failure("long", "duration_seconds is not a number from 900 to 43200");
}

static void test_credential_sources(void **state)
{
    (void)state;
    files("[profile env]\nrole_arn = R\ncredential_source = Environment\n"
          "[profile box]\nrole_arn = R\ncredential_source = EcsContainer\n"
          "[profile ec2]\nrole_arn = R\ncredential_source = Ec2InstanceMetadata\n",
          "");
    expect_failure("env", "AWS_ACCESS_KEY_ID is not set");
    expect_failure("box", "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor");
    expect_failure("ec2", "instance metadata: turned off");
    case_setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/id");
    case_reply("GET", "http://169.254.170.2/id", 200, case_json("ASIABOX", "Token", IN_AN_HOUR));
    reply_keys("ASIAROLE");
    expect_keys("box", "ASIAROLE");
    assert_non_null(strstr(case_request_headers(1), "Credential=ASIABOX/"));
}

static void test_web_identity(void **state)
{
    (void)state;
    char config[400];
    snprintf(config, sizeof config,
             "[profile web]\nrole_arn = R\nweb_identity_token_file = %s\nrole_session_name = me\n",
             case_file("token", "jwt-" SECRET));
    files(config, "");
    case_reply("POST", STS, 200, case_sts_xml("AssumeRoleWithWebIdentity", "ASIAWEB", IN_AN_HOUR));
    expect_keys("web", "ASIAWEB");
    assert_non_null(strstr(case_request_body(0), "&WebIdentityToken=jwt-" SECRET));
}

/* Profiles that need a person are refused, with the way out. */
static void test_interactive(void **state)
{
    (void)state;
    files(BASE "[profile mfa]\nrole_arn = R\nsource_profile = base\nmfa_serial = arn:mfa\n"
               "[profile sso]\nsso_session = x\nsso_account_id = 1\nsso_role_name = r\n"
               "[profile old-sso]\nsso_start_url = https://example\n"
               "[profile login]\nlogin_session = arn:x\n"
               "[profile by-sso]\nrole_arn = R\nsource_profile = sso\n"
               "[profile sso-keys]\nsso_session = x\naws_access_key_id = AKIDSSO\n" SECRET_KEY,
          "");
    expect_failure("mfa", "profile 'mfa' requires an MFA code (mfa_serial)");
    expect_failure("mfa", "aws configure export-credentials --profile mfa --format env");
    expect_failure("sso", "profile 'sso' uses SSO");
    expect_failure("sso", "aws configure export-credentials --profile sso --format env");
    expect_failure("old-sso", "uses SSO");
    expect_failure("login", "uses a console login");
    expect_failure("by-sso", "profile 'sso' uses SSO");
    expect_failure("by-sso", "then run again: eval \"$(aws configure export-credentials --profile "
                             "by-sso --format env)\"");
    case_env.profile_name = "sso";
    expect_failure(NULL, "then run again without --profile: eval ");
    case_env.profile_name = NULL;
    expect_keys("sso-keys", "AKIDSSO");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, case_setup, case_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_sections),      CASE(test_values_are_whole),   CASE(test_credentials_file_wins),
        CASE(test_home),          CASE(test_bad_files),          CASE(test_keys),
        CASE(test_role),          CASE(test_roles_in_a_row),     CASE(test_circles),
        CASE(test_role_mistakes), CASE(test_credential_sources), CASE(test_web_identity),
        CASE(test_interactive),   CASE(test_named_by_option),
    };
    mem_install();
    return cmocka_run_group_tests_name("creds_profile", tests, NULL, NULL);
}
