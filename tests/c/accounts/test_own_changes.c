/* Which changes are the engine's own: only those of a changing session of the member role, in the
 * account itself, and nothing that merely resembles one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "accounts/own_changes.h"
#include "base/mem.h"
#include "value/json.h"

#define ACCOUNT "111122223333"
#define HEX "0123456789abcdef0123456789abcdef"
#define NAME OWN_CHANGES_PREFIX HEX

static json_t *identity(const char *type, const char *account, const char *arn, const char *role)
{
    return json_pack("{s:s, s:s, s:s, s:{s:{s:s, s:s}}}", "type", type, "accountId", account, "arn",
                     arn, "sessionContext", "sessionIssuer", "type", "Role", "arn", role);
}

static bool is_own(const char *type, const char *account, const char *arn, const char *role,
                   const char *member_role)
{
    json_t *value = identity(type, account, arn, role);
    bool own = own_changes_is_own(value, ACCOUNT, member_role);
    json_decref(value);
    return own;
}

#define STS(account, role, name) "arn:aws:sts::" account ":assumed-role/" role "/" name
#define IAM(account, role) "arn:aws:iam::" account ":role/" role

static void test_own_changes_are_recognized(void **state)
{
    (void)state;
    assert_true(is_own("AssumedRole", ACCOUNT, STS(ACCOUNT, "member", NAME), IAM(ACCOUNT, "member"),
                       "member"));
    assert_true(is_own("AssumedRole", ACCOUNT, STS(ACCOUNT, "member", NAME),
                       IAM(ACCOUNT, "security/member"), "security/member"));
    assert_true(is_own("AssumedRole", ACCOUNT,
                       "arn:aws-us-gov:sts::" ACCOUNT ":assumed-role/member/" NAME,
                       "arn:aws-us-gov:iam::" ACCOUNT ":role/member", "member"));
}

struct stranger {
    const char *type, *account, *arn, *role;
};

/* Each differs from the engine's own change in one way. */
static const struct stranger strangers[] = {
    {"IAMUser", ACCOUNT, STS(ACCOUNT, "member", NAME), IAM(ACCOUNT, "member")},
    /* A role of that name in another account, with permissions here. */
    {"AssumedRole", "444455556666", STS("444455556666", "member", NAME),
     IAM("444455556666", "member")},
    {"AssumedRole", ACCOUNT, STS("444455556666", "member", NAME), IAM(ACCOUNT, "member")},
    {"AssumedRole", ACCOUNT, STS(ACCOUNT, "member", NAME), IAM("444455556666", "member")},
    {"AssumedRole", ACCOUNT, STS(ACCOUNT, "other", NAME), IAM(ACCOUNT, "other")},
    {"AssumedRole", ACCOUNT, STS(ACCOUNT, "member", NAME), IAM(ACCOUNT, "elsewhere/member")},
    {"AssumedRole", ACCOUNT, STS(ACCOUNT, "member", NAME),
     "arn:aws-cn:iam::" ACCOUNT ":role/member"},
    {"AssumedRole", ACCOUNT, STS(ACCOUNT, "member", NAME), ""},
    {"AssumedRole", ACCOUNT, "", IAM(ACCOUNT, "member")},
    {"AssumedRole", ACCOUNT, "arn", "arn"},
    /* Others who assume the role: people, scripts, the engine's own reading sessions. */
    {"AssumedRole", ACCOUNT, STS(ACCOUNT, "member", "alice"), IAM(ACCOUNT, "member")},
    {"AssumedRole", ACCOUNT, STS(ACCOUNT, "member", "engine-script"), IAM(ACCOUNT, "member")},
    {"AssumedRole", ACCOUNT, STS(ACCOUNT, "member", "engine-" HEX), IAM(ACCOUNT, "member")},
    {"AssumedRole", ACCOUNT, STS(ACCOUNT, "member", OWN_CHANGES_PREFIX), IAM(ACCOUNT, "member")},
    {"AssumedRole", ACCOUNT, STS(ACCOUNT, "member", NAME "0"), IAM(ACCOUNT, "member")},
    {"AssumedRole", ACCOUNT,
     STS(ACCOUNT, "member", OWN_CHANGES_PREFIX "0123456789ABCDEF0123456789ABCDEF"),
     IAM(ACCOUNT, "member")},
    {"AssumedRole", ACCOUNT, STS(ACCOUNT, "member", "x" NAME), IAM(ACCOUNT, "member")},
};

static void test_changes_of_others_are_not_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
        const struct stranger *one = &strangers[i];
        if (is_own(one->type, one->account, one->arn, one->role, "member"))
            fail_msg("stranger %zu is taken for the engine: %s of %s", i, one->arn, one->role);
    }
}

static void test_without_a_role_no_change_is_own(void **state)
{
    (void)state;
    assert_false(
        is_own("AssumedRole", ACCOUNT, STS(ACCOUNT, "member", NAME), IAM(ACCOUNT, "member"), NULL));
}

static void test_malformed_events_are_not_own(void **state)
{
    (void)state;
    static const char *const shapes[] = {
        "null",
        "7",
        "[]",
        "{}",
        "{\"type\":7,\"arn\":[],\"accountId\":{}}",
        "{\"type\":\"AssumedRole\",\"accountId\":\"" ACCOUNT
        "\",\"arn\":\"" STS(ACCOUNT, "member", NAME) "\"}",
        "{\"type\":\"AssumedRole\",\"accountId\":\"" ACCOUNT "\",\"arn\":\"" STS(
            ACCOUNT, "member", NAME) "\",\"sessionContext\":{\"sessionIssuer\":[]}}"};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct err err = {0};
        json_t *value = json_parse(shapes[i], strlen(shapes[i]), &err);
        assert_non_null(value);
        assert_false(own_changes_is_own(value, ACCOUNT, "member"));
        json_decref(value);
    }
    assert_false(own_changes_is_own(NULL, ACCOUNT, "member"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own_changes_are_recognized),
        cmocka_unit_test(test_changes_of_others_are_not_own),
        cmocka_unit_test(test_without_a_role_no_change_is_own),
        cmocka_unit_test(test_malformed_events_are_not_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
