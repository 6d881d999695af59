/* Whom the settings trust, why a fix may be in doubt, and what a plan records of both. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "accounts/trust.h"
#include "accounts/trust_record.h"
#include "base/mem.h"
#include "settings/settings.h"
#include "value/json.h"

#define OWN "111122223333"
#define FRIEND "222233334444"
#define POLLED "333344445555"
#define STRANGER "999988887777"

static const char *const *variables; /* names and values, NULL-ended */
static struct settings settings;
static struct trust *trust;

static const char *variable(const char *name)
{
    for (size_t i = 0; variables[i] != NULL; i += 2) {
        if (strcmp(variables[i], name) == 0)
            return variables[i + 1];
    }
    return NULL;
}

static void begin(const char *const *given)
{
    struct err err = {0};
    variables = given;
    if (settings_init(&settings, variable, "/nowhere", &err) != 0)
        fail_msg("%s", err.message);
    trust = trust_new(&settings);
}

#define BEGIN(...) begin((const char *const[]){__VA_ARGS__, NULL, NULL})

static void end(void)
{
    trust_free(trust);
    settings_clear(&settings);
}

static void doubts(const char *id, const char *part)
{
    const char *why = trust_doubt(trust, id);
    if (why == NULL || strstr(why, part) == NULL)
        fail_msg("%s: %s", id, why != NULL ? why : "no doubt");
}

static void test_known(void **state)
{
    (void)state;
    BEGIN("KNOWN_ACCOUNTS", FRIEND ",o-a1b2c3d4e5,ou-ab12-11111111,r-cd34");
    assert_int_equal(trust_check(trust, FRIEND), 1);
    assert_int_equal(trust_check(trust, "o-a1b2c3d4e5"), 1);
    assert_int_equal(trust_check(trust, "ou-ab12-11111111"), 1);
    assert_int_equal(trust_check(trust, "r-cd34"), 1);
    assert_int_equal(trust_check(trust, STRANGER), 0);
    assert_int_equal(trust_check(trust, "o-a1b2c3d4e"), 0);
    assert_int_equal(trust_check(trust, "ou-ab12-1111111"), 0);
    assert_null(trust_doubt(trust, STRANGER));
    assert_null(trust_doubt(trust, "o-foreign1234"));
    end();
}

/* Ids that do not have the form of accounts, organizations, units or roots. */
static void test_malformed_ids_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"prod",         "o-",
                                      "o-ABCDEFGHIJ", "o-a1b2c3d4e5/r-ab12",
                                      "ou-ab12",      "o-a1b2c3d4e5f6g7h8i9j0a1b2c3d4e5f6g7",
                                      "r-ab",         "ou-ab1-11111111",
                                      "r-AB12",       "ou-ab12-1111111",
                                      "11112222333",  FRIEND ",o-a1b2c3d4e5,*"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err err = {0};
        variables = (const char *const[]){"KNOWN_ACCOUNTS", bad[i], NULL};
        assert_int_equal(settings_init(&settings, variable, "/nowhere", &err), -1);
        assert_int_equal(err.kind, ERR_USAGE);
        assert_non_null(strstr(err.message, "KNOWN_ACCOUNTS"));
        assert_non_null(strstr(err.message, "a unit (ou-"));
        err.kind = ERR_NONE;
        variables = (const char *const[]){"ACCOUNTS", "o-a1b2c3d4e5", NULL}; /* are polled */
        assert_int_equal(settings_init(&settings, variable, "/nowhere", &err), -1);
    }
}

static void test_polled_accounts_and_the_caller_are_trusted(void **state)
{
    (void)state;
    BEGIN("KNOWN_ACCOUNTS", FRIEND, "ACCOUNTS", POLLED);
    assert_int_equal(trust_check(trust, POLLED), 1);
    assert_int_equal(trust_check(trust, OWN), 0);
    trust_caller(trust, OWN);
    assert_int_equal(trust_check(trust, OWN), 1);
    assert_int_equal(trust_check(trust, STRANGER), 0);
    trust_caller(trust, NULL);
    assert_int_equal(trust_check(trust, STRANGER), 0);
    assert_int_equal(trust_check(trust, FRIEND), 1);
    doubts(STRANGER, "may be this one");
    trust_caller(trust, OWN);
    assert_null(trust_doubt(trust, STRANGER));
    end();
}

static void test_doubt(void **state)
{
    (void)state;
    static const char neither[] = "neither KNOWN_ACCOUNTS nor ORGANIZATION_ACCOUNT";
    static const char *const organizations[] = {
        "o-foreign1234", "o-foreign1234/r-ab12/ou-ab12-11111111/*", "ou-ab12-11111111", "r-ab12",
        "arn:aws:organizations::" STRANGER ":organization/x"};
    BEGIN(NULL);
    doubts(STRANGER, neither);
    doubts("o-foreign1234", neither);
    end();
    BEGIN("ACCOUNTS", POLLED); /* these alone say nothing of others */
    doubts(STRANGER, neither);
    end();
    BEGIN("KNOWN_ACCOUNTS", "o-a1b2c3d4e5"); /* the organization's accounts are unknown */
    doubts(STRANGER, "names no account");
    assert_null(trust_doubt(trust, "o-foreign1234"));
    end();
    BEGIN("KNOWN_ACCOUNTS", FRIEND ",ou-ab12-22222222,r-cd34");
    assert_null(trust_doubt(trust, STRANGER));
    for (size_t i = 0; i < sizeof organizations / sizeof *organizations; i++)
        doubts(organizations[i], "ORGANIZATION_ACCOUNT");
    end();
    BEGIN("ORGANIZATION_ACCOUNT", OWN);
    assert_null(trust_doubt(trust, STRANGER));
    assert_null(trust_doubt(trust, "o-foreign1234"));
    assert_int_equal(trust_check(trust, STRANGER), -1); /* not listed yet */
    end();
}

/* ---- what a plan records ---- */

static json_t *parsed(const char *text)
{
    struct err err = {0};
    json_t *value = json_parse(text, strlen(text), &err);
    if (value == NULL)
        fail_msg("%s", err.message);
    return value;
}

static void keeps(const struct trust_record *record, const char *expected)
{
    json_t *findings =
        parsed("[{\"check\":\"a\",\"remediation\":\"none\"},{\"check\":\"b\","
               "\"remediation\":\"planned\"},{\"check\":\"c\",\"remediation\":\"held\"}]");
    trust_record_keep(record, findings);
    char *text = json_text_canonical(json_object_get(json_array_get(findings, 1), "trusted"));
    assert_string_equal(text, expected);
    assert_null(json_object_get(json_array_get(findings, 0), "trusted"));
    assert_null(json_object_get(json_array_get(findings, 2), "trusted"));
    mem_free(text);
    json_decref(findings);
}

static void test_record(void **state)
{
    (void)state;
    struct trust_record record = {0};
    BEGIN("KNOWN_ACCOUNTS", FRIEND ",o-a1b2c3d4e5");
    trust_caller(trust, OWN);
    struct scope scope = {.trusted = trust_check, .doubt = trust_doubt, .trusted_arg = trust};
    trust_record_start(&record, &scope);
    assert_int_equal(scope.trusted(scope.trusted_arg, "o-a1b2c3d4e5"), 1);
    assert_int_equal(scope.trusted(scope.trusted_arg, STRANGER), 0);
    assert_int_equal(scope.trusted(scope.trusted_arg, FRIEND), 1);
    assert_int_equal(scope.trusted(scope.trusted_arg, OWN), 1);
    assert_int_equal(scope.trusted(scope.trusted_arg, FRIEND), 1);
    assert_null(scope.doubt(scope.trusted_arg, STRANGER));
    keeps(&record, "[\"" OWN "\",\"" FRIEND "\",\"o-a1b2c3d4e5\"]");
    trust_record_clear(&record);
    end();
}

static void test_record_without_trusted_accounts(void **state)
{
    (void)state;
    struct trust_record record = {0};
    BEGIN("KNOWN_ACCOUNTS", FRIEND);
    struct scope scope = {.trusted = trust_check, .doubt = trust_doubt, .trusted_arg = trust};
    trust_record_start(&record, &scope);
    json_t *findings = parsed("[{\"remediation\":\"planned\"}]");
    trust_record_keep(&record, findings);
    assert_null(json_object_get(json_array_get(findings, 0), "trusted"));
    json_decref(findings);
    assert_int_equal(scope.trusted(scope.trusted_arg, STRANGER), 0);
    keeps(&record, "[]");
    trust_record_clear(&record);
    end();
}

static void test_replay(void **state)
{
    (void)state;
    BEGIN("KNOWN_ACCOUNTS", FRIEND);
    const struct scope plain = {.trusted = trust_check, .doubt = trust_doubt, .trusted_arg = trust};
    struct scope scope = plain;
    json_t *findings = parsed("[{\"check\":\"a\",\"trusted\":[\"" STRANGER "\"]}]");
    trust_record_replay(findings, &scope);
    assert_int_equal(scope.trusted(scope.trusted_arg, STRANGER), 1);
    assert_int_equal(scope.trusted(scope.trusted_arg, FRIEND), 0); /* not trusted by this plan */
    assert_null(scope.doubt);
    json_decref(findings);
    findings = parsed("[{\"check\":\"a\"}]");
    scope = plain;
    trust_record_replay(findings, &scope);
    assert_int_equal(scope.trusted(scope.trusted_arg, FRIEND), 1);
    json_decref(findings);
    end();
}

static void test_record_is_a_list(void **state)
{
    (void)state;
    static const char *const bad[] = {"{\"trusted\":\"all\"}", "{\"trusted\":[1]}",
                                      "{\"trusted\":{\"a\":true}}"};
    static const char *const good[] = {"{}", "{\"trusted\":[]}", "{\"trusted\":[\"" OWN "\"]}"};
    for (size_t i = 0; i < 3; i++) {
        struct err err = {0};
        json_t *finding = parsed(bad[i]);
        assert_int_equal(trust_record_check(finding, &err), -1);
        assert_int_equal(err.kind, ERR_PARSE);
        json_decref(finding);
        finding = parsed(good[i]);
        assert_int_equal(trust_record_check(finding, &err), 0);
        json_decref(finding);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_malformed_ids_are_refused),
        cmocka_unit_test(test_polled_accounts_and_the_caller_are_trusted),
        cmocka_unit_test(test_doubt),
        cmocka_unit_test(test_record),
        cmocka_unit_test(test_record_without_trusted_accounts),
        cmocka_unit_test(test_replay),
        cmocka_unit_test(test_record_is_a_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
