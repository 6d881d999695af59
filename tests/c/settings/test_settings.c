/* Settings: every variable and option, precedence, and the messages of refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "settings/settings.h"
#include "settings/settings_locate.h"
#include "settings/settings_options.h"
#include "value/json.h"

static const char *const *variables; /* name, value, …, NULL */
static struct settings settings;
static struct text_list rest;
static struct err err;

static const char *fake_getenv(const char *name)
{
    for (const char *const *at = variables; at != NULL && *at != NULL; at += 2) {
        if (strcmp(at[0], name) == 0)
            return at[1];
    }
    return NULL;
}

static int begin(const char *const *given)
{
    variables = given;
    err_clear(&err);
    return settings_init(&settings, fake_getenv, "/nowhere", &err);
}

static void end(void)
{
    settings_clear(&settings);
    text_list_clear(&rest);
}

#define VARIABLES(...) ((const char *const[]){__VA_ARGS__, NULL})
#define BEGIN(...) assert_int_equal(begin(VARIABLES(__VA_ARGS__)), 0)

static const char *const allowed[] = {
    "accounts",    "regions", "types",   "sqs",    "stdout",    "only-use-test-resources",
    "remediate",   "dry-run", "format",  "output", "wait",      "all",
    "max-changes", "access=", "version", "help",   "log-level", "concurrency",
    "policies",    NULL};

static int read_options(int argc, const char *const *argv, const char *const *names)
{
    char *copies[16];
    for (int i = 0; i < argc; i++)
        copies[i] = mem_strdup(argv[i]);
    int result = settings_options(&settings, argc, copies, 0, names, &rest, &err);
    for (int i = 0; i < argc; i++)
        mem_free(copies[i]);
    return result;
}

#define COUNT(...) (int)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))
#define OPTIONS(...) read_options(COUNT(__VA_ARGS__), (const char *const[]){__VA_ARGS__}, allowed)

static void usage(int result, const char *label, const char *value)
{
    assert_int_equal(result, -1);
    assert_int_equal(err.kind, ERR_USAGE);
    if (strstr(err.message, label) == NULL || strstr(err.message, value) == NULL)
        fail_msg("'%s' names not both of '%s' and '%s'", err.message, label, value);
}

static void test_defaults(void **state)
{
    (void)state;
    BEGIN("ACCOUNTS", "", "MAX_CHANGES", "");
    assert_int_equal(settings.accounts.count, 0);
    assert_int_equal(settings.max_changes, -1);
    assert_int_equal(settings.concurrency, 200);
    assert_int_equal(settings.verify_s, 60);
    assert_int_equal(settings.wait_s, 0);
    assert_false(settings.remediate);
    assert_false(settings.no_assume_role);
    assert_null(settings.region);
    assert_string_equal(settings.master_region, "us-east-1");
    assert_string_equal(settings.member_role, "member_remediator");
    assert_int_equal(json_get_integer(settings.for_policies, "db_check_time", 0), 60);
    assert_null(json_object_get(settings.for_policies, "known_accounts"));
    assert_null(json_object_get(settings.for_policies, "max_changes"));
    end();
}

static void test_variables(void **state)
{
    (void)state;
    BEGIN("ACCOUNTS", "111122223333, 444455556666", "REGIONS", "us-east-1,us-gov-west-1",
          "POLLER_SQS", "https://p", "SQS", "https://t", "ONLY_USE_TEST_RESOURCES", "true",
          "MASTER_REGION", "eu-west-1", "POLL_QUEUE", "https://o", "REMEDIATE", "true",
          "NOTIFICATION_TOPIC", "arn:t", "REMEDIATOR_REGION", "eu-west-2", "SQS_QUEUE", "arn:q",
          "MEMBER_ROLE", "none", "EXTERNAL_ID", "x", "EXCEPTIONS", "e.json", "MAX_CHANGES", "7",
          "HOLD_IRREVERSIBLE", "false", "REPAIR", "all", "ENGINE_POLICIES", "/p", "ENGINE_MODELS",
          "/m", "VERIFY_SECONDS", "5", "AWS_DEFAULT_REGION", "ap-southeast-2");
    assert_int_equal(settings.accounts.count, 2);
    assert_string_equal(settings.accounts.items[1], "444455556666");
    assert_true(text_list_has(&settings.regions, "us-gov-west-1"));
    assert_string_equal(settings_queue(&settings, true), "https://p");
    assert_string_equal(settings_queue(&settings, false), "https://t");
    assert_true(settings.only_use_test_resources && settings.remediate);
    assert_true(!settings.hold_irreversible && settings.no_assume_role);
    assert_string_equal(settings.repair, "all");
    assert_string_equal(settings.master_region, "eu-west-1");
    assert_string_equal(settings.region, "ap-southeast-2");
    assert_int_equal(settings.max_changes, 7);
    assert_int_equal(settings.verify_s, 5);
    assert_string_equal(settings.exceptions, "e.json");
    end();
}

static void test_for_policies(void **state)
{
    (void)state;
    BEGIN("KNOWN_ACCOUNTS", "111122223333,444455556666", "ORGANIZATION_ACCOUNT", "777788889999",
          "DEV_ACCOUNTS", "111122223333", "REQUIRED_TAGS", " Cost Center ,Owner,,",
          "GUARDDUTY_MASTER_ACCOUNT", "123456789012", "LOG_ACCOUNT", "210987654321",
          "db_check_time", "5", "S3_BUCKET_IGNORE_LIST", "a,b", "EC2_INSTANCE_IGNORE_LIST", "i-1",
          "REMEDIATION_MODULE_EXCEPTION", "{}", "REMEDIATION_RESOURCE_EXCEPTION", "x", "REMEDIATE",
          "true", "MAX_CHANGES", "3", "AWS_REGION", "us-west-2", "ACCOUNTS", "111122223333");
    char *text = json_text_canonical(settings.for_policies);
    assert_string_equal(
        text, "{\"accounts\":[\"111122223333\"],\"db_check_time\":5,"
              "\"dev_accounts\":[\"111122223333\"],\"ec2_instance_ignore_list\":[\"i-1\"],"
              "\"guardduty_master_account\":\"123456789012\",\"hold_irreversible\":true,"
              "\"known_accounts\":[\"111122223333\",\"444455556666\"],"
              "\"log_account\":\"210987654321\",\"log_format\":\"text\",\"master_region\":"
              "\"us-west-2\",\"max_changes\":3,\"member_role\":\"member_remediator\",\"metrics\":"
              "true,\"only_use_test_resources\":false,\"organization_account\":"
              "\"777788889999\",\"remediate\":true,"
              "\"remediation_module_exception\":\"{}\",\"remediation_resource_exception\":\"x\","
              "\"repair_rounds\":3,\"required_tags\":[\"Cost "
              "Center\",\"Owner\"],\"s3_bucket_ignore_list\":[\"a\",\"b\"],"
              "\"security_hub\":false,\"verify_seconds\":60}");
    mem_free(text);
    end();
    BEGIN("db_check_time", "5", "DB_CHECK_TIME", "7");
    assert_int_equal(json_get_integer(settings.for_policies, "db_check_time", 0), 7);
    end();
}

static void test_bad_variables(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"ACCOUNTS", "11112222333"},
        {"ACCOUNTS", "11112222333x"},
        {"KNOWN_ACCOUNTS", "prod"},
        {"ORGANIZATION_ACCOUNT", "o-1"},
        {"LOG_ACCOUNT", "1"},
        {"REGIONS", "us-east"},
        {"REGIONS", "us-east-1a"},
        {"REGIONS", "US-EAST-1"},
        {"MASTER_REGION", "useast1"},
        {"AWS_REGION", "us-east-1/x"},
        {"MAX_CHANGES", "-1"},
        {"MAX_CHANGES", "1e3"},
        {"AWS_MAX_ATTEMPTS", "abc"},
        {"AWS_MAX_ATTEMPTS", "0"},
        {"MAX_CHANGES", "99999999999"},
        {"VERIFY_SECONDS", " 5"},
        {"DB_CHECK_TIME", "an hour"},
        {"db_check_time", "x"},
        {"HOLD_IRREVERSIBLE", "yes"},
        {"ONLY_USE_TEST_RESOURCES", "maybe"},
        {"REGIONS", "-1"},
        {"REGIONS", "us--1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        usage(begin(VARIABLES(cases[i][0], cases[i][1])), cases[i][0], cases[i][1]);
}

static void test_consent(void **state)
{
    (void)state;
    static const char *const no[] = {"", "false", "False", "FALSE"};
    static const char *const yes[] = {"true", "True", "TRUE", "tRuE"};
    static const char *const neither[] = {"1", "0", "yes", "true ", "on", "ture"};
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) {
        BEGIN("REMEDIATE", no[i]);
        assert_false(settings.remediate);
        end();
    }
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        BEGIN("REMEDIATE", yes[i]);
        assert_true(settings.remediate);
        end();
    }
    for (size_t i = 0; i < sizeof neither / sizeof neither[0]; i++)
        usage(begin(VARIABLES("REMEDIATE", neither[i])), "REMEDIATE", neither[i]);
    BEGIN("REMEDIATE", "true");
    assert_int_equal(OPTIONS("--remediate=false"), 0);
    assert_false(settings.remediate);
    assert_false(json_get_bool(settings.for_policies, "remediate", true));
    assert_int_equal(OPTIONS("--remediate"), 0);
    assert_true(settings.remediate);
    assert_int_equal(OPTIONS("--remediate=true", "--dry-run"), 0);
    assert_false(settings.remediate);
    assert_true(settings.dry_run);
    assert_int_equal(OPTIONS("--remediate=FALSE"), 0);
    assert_false(settings.remediate);
    usage(OPTIONS("--remediate=yes"), "--remediate", "yes");
    end();
    BEGIN("REMEDIATE", "true");
    assert_int_equal(OPTIONS("--dry-run"), 0);
    assert_false(settings.remediate);
    end();
}

static void test_options(void **state)
{
    (void)state;
    BEGIN("REGIONS", "us-east-1");
    assert_int_equal(OPTIONS("one", "--regions=eu-west-1", "--types", "sqs", "two",
                             "--types=s3,ami", "--only_use_test_resources", "--wait", "30",
                             "--access=read", "-h", "--", "--all"),
                     0);
    assert_int_equal(settings.regions.count, 1);
    assert_string_equal(settings.regions.items[0], "eu-west-1");
    assert_int_equal(settings.types.count, 3);
    assert_string_equal(settings.types.items[2], "ami");
    assert_true(settings.only_use_test_resources);
    assert_int_equal(settings.wait_s, 30);
    assert_false(settings.all);
    assert_string_equal(json_get_string(settings.extra, "access", ""), "read");
    assert_true(json_get_bool(settings.extra, "help", false));
    assert_int_equal(rest.count, 3);
    assert_string_equal(rest.items[2], "--all");
    end();
}

static void test_one_of_many(void **state)
{
    (void)state;
    BEGIN("REGIONS", "us-east-1", "ACCOUNTS", "111122223333");
    assert_int_equal(OPTIONS("--region", "eu-west-1,eu-west-2", "--account", "444455556666"), 0);
    assert_int_equal(settings.regions.count, 2);
    assert_string_equal(settings.region, "eu-west-2");
    assert_string_equal(settings.master_region, "eu-west-2");
    assert_string_equal(settings.accounts.items[0], "444455556666");
    assert_string_equal(settings.account, "444455556666");
    usage(OPTIONS("--account=12"), "--account", "12");
    end();
}

static void test_bad_options(void **state)
{
    (void)state;
    BEGIN("AWS_REGION", "us-east-1");
    usage(OPTIONS("--wait"), "--wait", "missing");
    usage(OPTIONS("--wait", "--all"), "--wait", "missing");
    usage(OPTIONS("--accounts="), "--accounts", "missing");
    usage(OPTIONS("--accounts", "1"), "--accounts", "'1'");
    usage(OPTIONS("--regions", "here"), "--regions", "'here'");
    usage(OPTIONS("--wait", "x"), "--wait", "'x'");
    usage(OPTIONS("--concurrency", "0"), "--concurrency", "'0'");
    usage(OPTIONS("--format", "tabel"), "--format", "did you mean \"table\"?");
    usage(OPTIONS("--log-level", "wran"), "--log-level", "did you mean \"warn\"?");
    usage(OPTIONS("--all=1"), "--all", "'1'");
    usage(OPTIONS("--version=1"), "--version", "no value");
    usage(OPTIONS("--nonsense"), "--nonsense", "unknown option");
    usage(OPTIONS("--regoins=x"), "--regoins", "did you mean --regions?");
    usage(OPTIONS("--acces=read"), "--acces", "did you mean --access?");
    usage(OPTIONS("-x"), "-x", "unknown option");
    usage(OPTIONS("--policy=x"), "--policy", "unknown option");
    usage(OPTIONS("--"
                  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
          "--aaa", "unknown option");
    end();
}

static void test_format(void **state)
{
    (void)state;
    BEGIN("AWS_REGION", "us-east-1");
    assert_int_equal(OPTIONS("--output", "somewhere"), 0);
    assert_int_equal(settings.format, FORMAT_JSONL);
    assert_int_equal(OPTIONS("--format=sarif"), 0);
    assert_int_equal(settings.format, FORMAT_SARIF);
    assert_true(settings.format_given);
    assert_false(settings.steps);
    assert_int_equal(OPTIONS("--format=html"), 0);
    assert_true(settings.steps);
    end();
}

static void test_queue(void **state)
{
    (void)state;
    BEGIN("POLLER_SQS", "https://p");
    assert_null(settings_queue(&settings, false));
    assert_int_equal(OPTIONS("--sqs", "https://o"), 0);
    assert_string_equal(settings_queue(&settings, true), "https://o");
    assert_int_equal(OPTIONS("--stdout"), 0);
    assert_null(settings_queue(&settings, true));
    end();
}

static void test_fallback_region(void **state)
{
    (void)state;
    BEGIN("ACCOUNTS", "");
    settings_fallback_region(&settings, "eu-north-1");
    assert_string_equal(settings.region, "eu-north-1");
    assert_string_equal(settings.master_region, "eu-north-1");
    settings_fallback_region(&settings, "us-east-2");
    assert_string_equal(settings.region, "eu-north-1");
    end();
}

static void make_tree(char *root)
{
    char path[200];
    assert_non_null(mkdtemp(root));
    static const char *const names[] = {"bin", "bin/models", "policies", "task", "task/policies"};
    for (size_t i = 0; i < 5; i++) {
        snprintf(path, sizeof path, "%s/%s", root, names[i]);
        assert_int_equal(mkdir(path, 0700), 0);
    }
}

static void remove_tree(const char *root)
{
    char path[200];
    static const char *const names[] = {"task/policies", "task", "policies", "bin/models", "bin"};
    for (size_t i = 0; i < 5; i++) {
        snprintf(path, sizeof path, "%s/%s", root, names[i]);
        rmdir(path);
    }
    rmdir(root);
}

static void test_locate(void **state)
{
    (void)state;
    char root[] = "/tmp/settings-XXXXXX", bin[64], task[64], want[80];
    make_tree(root);
    snprintf(bin, sizeof bin, "%s/bin", root);
    snprintf(task, sizeof task, "%s/task", root);
    variables = NULL;
    assert_int_equal(settings_init(&settings, fake_getenv, bin, &err), 0);
    snprintf(want, sizeof want, "%s/policies", root);
    assert_string_equal(settings.policies, want);
    snprintf(want, sizeof want, "%s/models", bin);
    assert_string_equal(settings.models, want);
    assert_int_equal(OPTIONS("--policies", "/nowhere/at/all"), 0);
    usage(settings_locate(&settings, fake_getenv, bin, &err), "policies", "/nowhere/at/all");
    end();
    variables = VARIABLES("LAMBDA_TASK_ROOT", task);
    assert_int_equal(settings_init(&settings, fake_getenv, bin, &err), 0);
    snprintf(want, sizeof want, "%s/policies", task);
    assert_string_equal(settings.policies, want);
    assert_int_equal(settings_locate(&settings, fake_getenv, bin, &err), 0);
    end();
    remove_tree(root);
}

static void test_an_option_replaces_an_invalid_variable(void **state)
{
    (void)state;
    BEGIN("ENGINE_POLICIES", "/nowhere/at/all");
    usage(settings_locate(&settings, fake_getenv, "/", &err), "policies", "/nowhere/at/all");
    assert_int_equal(OPTIONS("--policies", "/tmp"), 0);
    assert_int_equal(settings_locate(&settings, fake_getenv, "/", &err), 0);
    end();
}

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_variables),
        cmocka_unit_test(test_for_policies),
        cmocka_unit_test(test_bad_variables),
        cmocka_unit_test(test_consent),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_one_of_many),
        cmocka_unit_test(test_bad_options),
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_queue),
        cmocka_unit_test(test_fallback_region),
        cmocka_unit_test(test_locate),
        cmocka_unit_test(test_an_option_replaces_an_invalid_variable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
