/* The file of settings: which names and values it may have, and what it says of the others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "settings/settings_env.h"
#include "settings/settings_file.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

static char path[] = "/tmp/settings_file_XXXXXX";

static json_t *read_text(const char *text, struct err *err)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    *err = (struct err){0};
    return settings_file_read("--config", path, err);
}

static const struct {
    const char *text, *name, *value;
} values[] = {
    {"{\"MEMBER_ROLE\": \"none\"}", "MEMBER_ROLE", "none"},
    {"{\"MAX_CHANGES\": 7}", "MAX_CHANGES", "7"},
    {"{\"MAX_CHANGES\": \"7\"}", "MAX_CHANGES", "7"},
    {"{\"DB_CHECK_TIME\": 7}", "DB_CHECK_TIME", "7"},
    {"{\"PASSWORD_MIN_LENGTH\": 14}", "PASSWORD_MIN_LENGTH", "14"},
    {"{\"REMEDIATE\": false}", "REMEDIATE", "false"},
    {"{\"ONLY_USE_TEST_RESOURCES\": true}", "ONLY_USE_TEST_RESOURCES", "true"},
    {"{\"AWS_USE_FIPS_ENDPOINT\": true}", "AWS_USE_FIPS_ENDPOINT", "true"},
    {"{\"REGIONS\": [\"us-east-1\", \"eu-west-1\"]}", "REGIONS", "us-east-1,eu-west-1"},
    {"{\"ACCOUNTS\": \"org,!111122223333\"}", "ACCOUNTS", "org,!111122223333"},
    {"{\"KNOWN_ACCOUNTS\": [\"111122223333\"]}", "KNOWN_ACCOUNTS", "111122223333"},
    {"{\"REQUIRED_TAGS\": [\"Owner\", \"Cost Center\"]}", "REQUIRED_TAGS", "Owner,Cost Center"},
    {"{\"REPAIR\": [\"sqs\", \"s3_bucket.tls\"]}", "REPAIR", "sqs,s3_bucket.tls"},
    {"{\"REPAIR\": {\"*\": [\"sqs\"]}}", "REPAIR", "{\"*\":[\"sqs\"]}"},
    {"{\"REMEDIATION_MODULE_EXCEPTION\": {\"111122223333\": [\"ami\"]}}",
     "REMEDIATION_MODULE_EXCEPTION", "{\"111122223333\":[\"ami\"]}"},
    {"{\"AWS_ENDPOINT_URL_SQS\": \"http://127.0.0.1:9\"}", "AWS_ENDPOINT_URL_SQS",
     "http://127.0.0.1:9"},
    {"{\"HTTPS_PROXY\": \"http://proxy:3128\"}", "HTTPS_PROXY", "http://proxy:3128"},
};

static void test_values(void **state)
{
    (void)state;
    struct err err;
    for (size_t i = 0; i < COUNT(values); i++) {
        json_t *read = read_text(values[i].text, &err);
        if (read == NULL)
            fail_msg("%s: %s", values[i].text, err.message);
        assert_int_equal(json_object_size(read), 1);
        assert_string_equal(json_string_value(json_object_get(read, values[i].name)),
                            values[i].value);
        json_decref(read);
    }
}

/* Every variable that a policy may see may stand in the file. */
static void test_every_variable(void **state)
{
    (void)state;
    enum field_kind kind;
    size_t count = 0;
    for (; settings_policy_name(count) != NULL; count++)
        assert_true(settings_variable_kind(settings_policy_name(count), &kind));
    assert_true(count > 30);
    assert_false(settings_variable_kind("MOON", &kind));
}

static const struct {
    const char *text, *part;
} refusals[] = {
    {"", "line 1 column 0"},
    {"[]", "must be an object of names and values"},
    {"{\"REGIONS\": 1, \"REGIONS\": 2}", "duplicate"},
    {"{\"MAX_CHANGE\": 1}", "there is no setting \"MAX_CHANGE\", did you mean \"MAX_CHANGES\"?"},
    {"{\"max_changes\": 1}", "did you mean \"MAX_CHANGES\"?"},
    {"{\"AWS_REGOIN\": \"x\"}", "did you mean \"AWS_REGION\"?"},
    {"{\"ENGINE_CONFIG\": \"x\"}", "there is no setting \"ENGINE_CONFIG\""},
    {"{\"AWS_ENDPOINT_URL_\": \"x\"}", "there is no setting"},
    {"{\"AWS_SECRET_ACCESS_KEY\": \"hush\"}", "must not hold secrets"},
    {"{\"AWS_ACCESS_KEY_ID\": \"hush\"}", "must not hold secrets"},
    {"{\"AWS_SESSION_TOKEN\": \"hush\"}", "must not hold secrets"},
    {"{\"HTTPS_PROXY\": \"http://me:hush@proxy\"}", "HTTPS_PROXY: a file of settings must not"},
    {"{\"MAX_CHANGES\": 1.5}", "MAX_CHANGES: the value must be a string or a whole number"},
    {"{\"MAX_CHANGES\": -1}", "MAX_CHANGES: '-1' is not a whole number"},
    {"{\"REMEDIATE\": 1}", "REMEDIATE: the value must be a string, true or false"},
    {"{\"REMEDIATE\": \"maybe\"}", "REMEDIATE: 'maybe' is not true or false"},
    {"{\"MEMBER_ROLE\": null}", "MEMBER_ROLE: the value must be a string"},
    {"{\"MEMBER_ROLE\": true}", "MEMBER_ROLE: the value must be a string"},
    {"{\"MEMBER_ROLE\": \"a\\u0000b\"}", "MEMBER_ROLE: the value must be a string"},
    {"{\"REGIONS\": {}}", "REGIONS: the value must be a string or a list of strings"},
    {"{\"REGIONS\": [\"us-east-1\", 7]}", "REGIONS: item 2 of the list"},
    {"{\"REGIONS\": [\"us-east-1 eu-west-1\"]}", "REGIONS: item 1 of the list"},
    {"{\"REQUIRED_TAGS\": [\"a,b\"]}", "REQUIRED_TAGS: item 1 of the list"},
    {"{\"REGIONS\": [\"moon\"]}", "REGIONS: 'moon' is not a region"},
    {"{\"REMEDIATION_MODULE_EXCEPTION\": []}", "must be a string or an object"},
};

static void test_refusals(void **state)
{
    (void)state;
    struct err err;
    for (size_t i = 0; i < COUNT(refusals); i++) {
        assert_null(read_text(refusals[i].text, &err));
        assert_int_equal(err.kind, ERR_USAGE);
        if (strstr(err.message, refusals[i].part) == NULL || strstr(err.message, path) == NULL)
            fail_msg("%s: %s", refusals[i].text, err.message);
        assert_null(strstr(err.message, "hush"));
    }
    assert_null(settings_file_read("ENGINE_CONFIG", "/nowhere/file", &err));
    assert_non_null(strstr(err.message, "ENGINE_CONFIG: /nowhere/file: No such file"));
}

static const char *given;

static const char *variable(const char *name)
{
    return strcmp(name, "ENGINE_CONFIG") == 0 ? given : NULL;
}

static void expect_named(const char *want, const char *want_label, int argc, char **argv)
{
    const char *label;
    const char *got = settings_file_named(argc, argv, 2, variable, &label);
    if (want == NULL) {
        assert_null(got);
        return;
    }
    assert_string_equal(got, want);
    assert_string_equal(label, want_label);
}

#define NAMED(want, label, ...)                                                                    \
    expect_named(want, label, (int)COUNT(((char *[]){"engine", "scan", __VA_ARGS__})),             \
                 (char *[]){"engine", "scan", __VA_ARGS__})

static void test_which_file(void **state)
{
    (void)state;
    given = NULL;
    NAMED(NULL, "", "--all");
    NAMED("a", "--config", "--all", "--config", "a");
    NAMED("b", "--config", "--config=a", "--config", "b");
    NAMED(NULL, "", "--", "--config", "a");
    NAMED(NULL, "", "--config");
    given = "";
    NAMED(NULL, "", "--all");
    given = "c";
    NAMED("c", "ENGINE_CONFIG", "--all");
    NAMED("a", "--config", "--config", "a");
}

static int set_up(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd >= 0 ? close(fd) : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_every_variable),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_which_file),
    };
    mem_install();
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
