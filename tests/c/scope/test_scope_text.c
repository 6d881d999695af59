/* The record of a run's scope as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scope/scope_plan.h"
#include "scope/scope_text.h"

static const char record[] =
    "{\"engine\":{\"version\":\"1\",\"commit\":\"0123456789abcdef\"},\"command\":\"scan\","
    "\"mode\":\"audit\",\"began\":\"2027-01-01T00:00:00Z\",\"caller\":{\"account\":\"1\","
    "\"arn\":\"arn:x\"},\"asked\":{\"accounts\":[\"a\",\"b\",\"c\"],\"regions\":null,"
    "\"types\":null},\"listed\":{\"places\":4,\"listed\":3,\"not_listed\":1,\"accounts\":[\"a\"],"
    "\"regions\":[\"r\",\"s\"],\"types\":[\"sqs\"]},\"results\":{\"resources\":2,\"checks\":1,"
    "\"unknown\":1},\"complete\":false,\"checks_off\":[{\"by\":\"X is not set\","
    "\"checks\":[\"sqs.x\"]}],\"settings\":{\"KNOWN_ACCOUNTS\":[\"k\"],\"LOG_ACCOUNT\":null},"
    "\"names_set\":[\"EXTERNAL_ID\"],\"exceptions\":{\"rules\":2,\"file\":\"f\","
    "\"sha256\":\"ee\",\"expired\":[{\"rule\":\"f: rules[0]\",\"reason\":\"why\","
    "\"expires\":\"2020-01-01\"},"
    "{\"rule\":\"f: rules[1]\",\"reason\":\"so\"},{\"rule\":\"f: "
    "rules[2]\",\"reason\":\"x\"}]},\"policies\":{\"sha256\":\"dd\",\"types\":{\"sqs\":\"cc\"}}}";

static const char *row_of(const json_t *rows, const char *label)
{
    size_t i;
    json_t *row;
    json_array_foreach (rows, i, row) {
        if (strcmp(json_string_value(json_array_get(row, 0)), label) == 0)
            return json_string_value(json_array_get(row, 1));
    }
    return "";
}

static void test_rows(void **state)
{
    static const char *const want[][2] = {
        {"Command", "scan: audits, changes nothing"},
        {"Time", "2027-01-01T00:00:00Z"},
        {"Caller", "arn:x"},
        {"Engine", "1, commit 0123456789abcdef"},
        {"Accounts asked for", "a, b, c"},
        {"Regions asked for", "the configured one"},
        {"Listed", "3 of 4 places (a type in an account and region), 1 could not be listed"},
        {"Audited", "2 resources, 1 check; 1 could not be determined"},
        {"Complete", "no: the report says what is missing"},
        {"Checks that are off", "sqs.x (X is not set)"},
        {"Settings", "KNOWN_ACCOUNTS k"},
        {"Settings without a value", "LOG_ACCOUNT"},
        {"Set, values not shown", "EXTERNAL_ID"},
        {"Exceptions", "2 rules, f (SHA-256 ee)"},
        {"Expired exceptions",
         "f: rules[0] (why, until 2020-01-01); f: rules[1] (so); f: rules[2] (x)"},
        {"Exceptions that match nothing", ""},
        {"Policies", "SHA-256 dd"},
        {"Policy of each type (SHA-256)", "sqs cc"},
    };
    (void)state;
    json_t *scope = json_loads(record, 0, NULL);
    json_t *rows = scope_rows(scope, 0), *few = scope_rows(scope, 2);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        assert_string_equal(row_of(rows, want[i][0]), want[i][1]);
    assert_string_equal(row_of(few, "Accounts asked for"), "a, b and 1 more");
    assert_string_equal(row_of(few, "Expired exceptions"),
                        "f: rules[0] (why, until 2020-01-01); f: rules[1] (so) and 1 more");
    json_decref(rows);
    json_decref(few);
    json_decref(scope);
}

static void says(json_t *scope, const char *first, const char *second)
{
    json_t *lines = scope_brief(scope);
    assert_string_equal(json_string_value(json_array_get(lines, 0)), first);
    assert_string_equal(json_string_value(json_array_get(lines, 1)), second);
    json_decref(lines);
    json_decref(scope);
}

static void test_brief(void **state)
{
    (void)state;
    says(json_loads(record, 0, NULL),
         "scan by arn:x of 1 account, 2 regions, 1 type; began 2027-01-01T00:00:00Z",
         "engine 1 (0123456789ab), policies dd; 2 exceptions, 3 expired");
}

/* A plan says less, and an older plan nothing. */
static void test_of_a_plan(void **state)
{
    (void)state;
    json_t *made_by =
        json_pack("{s:s, s:s, s:s}", "engine", "1", "policies", "dd", "caller", "arn:x");
    says(scope_of_plan(made_by), "plan by arn:x", "engine 1, policies dd");
    json_object_del(made_by, "caller");
    says(scope_of_plan(made_by), "plan", "engine 1, policies dd");
    json_decref(made_by);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows), cmocka_unit_test(test_brief),
                                       cmocka_unit_test(test_of_a_plan)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
