/* The settings in the record of a run's scope: each is shown, or named, or known not to matter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "scope/scope_settings.h"
#include "settings/settings_env.h"
#include "value/json.h"

static const char *given(const char *name)
{
    static const char *const values[][2] = {{"KNOWN_ACCOUNTS", "111122223333"},
                                            {"EXTERNAL_ID", "the-secret"},
                                            {"MAX_CHANGES", "7"},
                                            {"ACCOUNTS", "222233334444"}};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        if (strcmp(values[i][0], name) == 0)
            return values[i][1];
    }
    return NULL;
}

static struct settings settings;

static int set_up(void **state)
{
    struct err err = {0};
    (void)state;
    assert_int_equal(settings_init(&settings, given, "/nowhere", &err), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    settings_clear(&settings);
    return 0;
}

/* A new setting fails here until its use in the record is decided. */
static void test_each_is_decided(void **state)
{
    (void)state;
    for (size_t i = 0; settings_policy_name(i) != NULL; i++) {
        if (scope_use_of(settings_policy_name(i)) == SCOPE_UNKNOWN)
            fail_msg("%s", settings_policy_name(i));
    }
}

static void test_values(void **state)
{
    (void)state;
    json_t *audit = scope_settings(&settings, false), *change = scope_settings(&settings, true);
    char *text = json_text(change);
    assert_string_equal(
        json_string_value(json_array_get(json_object_get(audit, "KNOWN_ACCOUNTS"), 0)),
        "111122223333");
    assert_true(json_is_null(json_object_get(audit, "REQUIRED_TAGS")));
    assert_null(json_object_get(audit, "MAX_CHANGES"));
    assert_int_equal(json_get_integer(change, "MAX_CHANGES", 0), 7);
    assert_null(strstr(text, "the-secret"));
    assert_null(json_object_get(change, "EXTERNAL_ID"));
    mem_free(text);
    json_decref(audit);
    json_decref(change);
}

/* The option has the effect of MEMBER_ROLE=none. */
static void test_role_that_is_not_used(void **state)
{
    (void)state;
    json_t *used = scope_settings(&settings, false);
    settings.no_assume_role = true;
    json_t *unused = scope_settings(&settings, false);
    assert_string_equal(json_get_string(used, "MEMBER_ROLE", ""), "member_remediator");
    assert_string_equal(json_get_string(unused, "MEMBER_ROLE", ""), "none");
    json_decref(used);
    json_decref(unused);
}

static void test_names(void **state)
{
    (void)state;
    char *const environment[] = {"HTTPS_PROXY=http://me:the-secret@proxy",
                                 "HOME=/root",
                                 "https_proxy=http://me:the-secret@proxy",
                                 "AWS_ENDPOINT_URL_SQS=http://x",
                                 "AWS_ENDPOINT_URL=",
                                 NULL};
    json_t *profile = json_pack("{s:s}", "endpoint_url", "http://me:the-secret@server");
    json_t *names = scope_names_set(&settings, profile, environment);
    json_t *want = json_pack("[s, s, s, s, s]", "AWS_ENDPOINT_URL_SQS", "EXTERNAL_ID",
                             "HTTPS_PROXY", "endpoint_url of the config file", "https_proxy");
    assert_true(json_equal(names, want));
    json_decref(profile);
    json_decref(names);
    json_decref(want);
}

static void test_asked(void **state)
{
    (void)state;
    json_t *asked = scope_asked(&settings);
    json_t *accounts = json_pack("[s]", "222233334444");
    assert_true(json_equal(json_object_get(asked, "accounts"), accounts));
    assert_true(json_is_null(json_object_get(asked, "types")));
    assert_null(json_object_get(asked, "test_resources"));
    json_decref(asked);
    json_decref(accounts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_is_decided, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_values, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_role_that_is_not_used, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_asked, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
