/* Every documented environment variable, one by one: its effect on the engine and on a policy's
 * `settings`. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "settings/settings.h"
#include "value/json.h"

static const char *given_name, *given_value;
static struct settings settings;

static const char *one_variable(const char *name)
{
    return given_name != NULL && strcmp(name, given_name) == 0 ? given_value : NULL;
}

static void begin(const char *name, const char *value)
{
    struct err err = {0};
    given_name = name;
    given_value = value;
    if (settings_init(&settings, one_variable, "/nowhere", &err) != 0)
        fail_msg("%s", err.message);
}

/* What a policy sees, as JSON. */
static const struct {
    const char *name, *value, *seen;
} variables[] = {
    {"ACCOUNTS", "111122223333", "[\"111122223333\"]"},
    {"REGIONS", "us-east-1,eu-west-1", "[\"us-east-1\",\"eu-west-1\"]"},
    {"POLLER_SQS", "https://p", "\"https://p\""},
    {"ONLY_USE_TEST_RESOURCES", "true", "true"},
    {"MASTER_REGION", "eu-west-1", "\"eu-west-1\""},
    {"POLL_QUEUE", "https://o", "\"https://o\""},
    {"SQS", "https://t", "\"https://t\""},
    {"REMEDIATE", "true", "true"},
    {"NOTIFICATION_TOPIC", "arn:t", "\"arn:t\""},
    {"EVENT_BUS", "arn:b", "\"arn:b\""},
    {"REMEDIATOR_REGION", "eu-west-2", "\"eu-west-2\""},
    {"SQS_QUEUE", "arn:q", "\"arn:q\""},
    {"MEMBER_ROLE", "my_role", "\"my_role\""},
    {"EXTERNAL_ID", "x", "\"x\""},
    {"KNOWN_ACCOUNTS", "111122223333, o-a1b2c3d4e5 ou-ab12-11111111,r-ab12",
     "[\"111122223333\",\"o-a1b2c3d4e5\",\"ou-ab12-11111111\",\"r-ab12\"]"},
    {"ORGANIZATION_ACCOUNT", "111122223333", "\"111122223333\""},
    {"DEV_ACCOUNTS", "111122223333, 444455556666", "[\"111122223333\",\"444455556666\"]"},
    {"REQUIRED_TAGS", "Owner,Cost Center", "[\"Owner\",\"Cost Center\"]"},
    {"GUARDDUTY_MASTER_ACCOUNT", "111122223333", "\"111122223333\""},
    {"LOG_ACCOUNT", "111122223333", "\"111122223333\""},
    {"DB_CHECK_TIME", "7", "7"},
    {"S3_BUCKET_IGNORE_LIST", "a,b", "[\"a\",\"b\"]"},
    {"EC2_INSTANCE_IGNORE_LIST", "i-1", "[\"i-1\"]"},
    {"REMEDIATION_MODULE_EXCEPTION", "{}", "\"{}\""},
    {"REMEDIATION_RESOURCE_EXCEPTION", "a", "\"a\""},
    {"EXCEPTIONS", "e.lua", "\"e.lua\""},
    {"MAX_CHANGES", "3", "3"},
    {"HOLD_IRREVERSIBLE", "false", "false"},
    {"REPAIR", "sqs,ec2.tags", "\"sqs,ec2.tags\""},
    {"VERIFY_SECONDS", "5", "5"},
    {"ENGINE_POLICIES", "/p", "\"/p\""},
    {"ENGINE_MODELS", "/m", "\"/m\""},
};

static void test_seen_by_policies(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        char *key = mem_strdup(variables[i].name);
        for (char *c = key; *c != '\0'; c++)
            *c = (char)tolower((unsigned char)*c);
        begin(NULL, NULL);
        json_t *before = json_deep_copy(json_object_get(settings.for_policies, key));
        settings_clear(&settings);
        begin(variables[i].name, variables[i].value);
        json_t *seen = json_object_get(settings.for_policies, key);
        char *text = seen != NULL ? json_text(seen) : mem_strdup("nothing");
        if (strcmp(text, variables[i].seen) != 0 || json_equal(before, seen))
            fail_msg("%s=%s is seen as %s", variables[i].name, variables[i].value, text);
        settings_clear(&settings);
        json_decref(before);
        mem_free(text);
        mem_free(key);
    }
}

static void text_is(const char *variable, char *const *place)
{
    begin(variable, "here");
    if (*place == NULL || strcmp(*place, "here") != 0)
        fail_msg("%s is not taken", variable);
    settings_clear(&settings);
    begin(variable, "");
    assert_true(*place == NULL || strcmp(*place, "here") != 0);
    settings_clear(&settings);
}

static void test_taken_by_the_engine(void **state)
{
    (void)state;
    text_is("POLLER_SQS", &settings.poller_sqs);
    text_is("SQS", &settings.translator_sqs);
    text_is("POLL_QUEUE", &settings.poll_queue);
    text_is("SQS_QUEUE", &settings.sqs_queue);
    text_is("NOTIFICATION_TOPIC", &settings.notification_topic);
    text_is("EVENT_BUS", &settings.event_bus);
    text_is("MEMBER_ROLE", &settings.member_role);
    text_is("EXTERNAL_ID", &settings.external_id);
    text_is("EXCEPTIONS", &settings.exceptions);
    text_is("ENGINE_POLICIES", &settings.policies);
    text_is("ENGINE_MODELS", &settings.models);
    begin("REMEDIATOR_REGION", "eu-west-2");
    assert_string_equal(settings.remediator_region, "eu-west-2");
    settings_clear(&settings);
    begin("MAX_CHANGES", "0");
    assert_int_equal(settings.max_changes, 0);
    settings_clear(&settings);
    text_is("REPAIR", &settings.repair);
    begin(NULL, NULL);
    assert_true(settings.hold_irreversible);
    settings_clear(&settings);
    begin("HOLD_IRREVERSIBLE", "false");
    assert_false(settings.hold_irreversible);
    settings_clear(&settings);
}

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_seen_by_policies),
        cmocka_unit_test(test_taken_by_the_engine),
    };
    return cmocka_run_group_tests_name("variables", tests, NULL, NULL);
}
