/* Every format reports what is missing: a place that could not be listed, or a run that was cut
 * short. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "policy/finding_entry.h"
#include "support/report_findings.h"
#include "value/json.h"

#define WHY "the run was interrupted (SIGTERM)"
#define NO_PLACE "sqs in eu-west-1 of account 111122223333 cannot be listed: AccessDenied"

static void add_unlisted(struct report *report, const char *region, const char *why)
{
    struct resource *place = resource_new("111122223333", region, "sqs", "*");
    json_t *error = json_pack("{s:s, s:s}", "kind", "api", "message", why);
    report_give(report, finding_unlisted(NULL, place, error));
    json_decref(error);
    resource_free(place);
}

static const char *incomplete(enum settings_format format)
{
    struct report *report = report_begin(format);
    report_give(report, report_finding("a", "sqs.c0", "compliant", "none"));
    add_unlisted(report, "eu-west-1", "AccessDenied");
    add_unlisted(report, "eu-west-2", "AccessDenied");
    report_missing(report, "interrupted", WHY);
    return report_end(report);
}

static const char *whole(enum settings_format format)
{
    struct report *report = report_begin(format);
    report_give(report, report_finding("a", "sqs.c0", "unknown", "none"));
    return report_end(report);
}

static void test_every_format(void **state)
{
    (void)state;
    for (int format = FORMAT_TABLE; format <= FORMAT_MARKDOWN; format++) {
        const char *text = incomplete((enum settings_format)format);
        report_has(text, WHY);
        report_has(text, "eu-west-1");
        report_has(text, "AccessDenied");
        report_lacks(whole((enum settings_format)format), "ncomplete");
    }
}

static void test_table(void **state)
{
    (void)state;
    const char *text = incomplete(FORMAT_TABLE);
    report_has(text, "1 resource \xc2\xb7 4 checks");
    report_has(text, "\nincomplete: " NO_PLACE " (and 1 more place)\nincomplete: " WHY "\n");
    int said = 0;
    for (const char *at = text; (at = strstr(at, "AccessDenied")) != NULL; at++)
        said++;
    assert_int_equal(said, 3); /* once for each place, and once at the end */
}

static void test_sarif(void **state)
{
    (void)state;
    report_has(whole(FORMAT_SARIF), "\"invocations\":[{\"executionSuccessful\":true}]");
    json_t *document = json_loads(incomplete(FORMAT_SARIF), 0, NULL);
    assert_non_null(document);
    const json_t *run = json_array_get(json_object_get(document, "runs"), 0);
    const json_t *invocation = json_array_get(json_object_get(run, "invocations"), 0);
    const json_t *notices = json_object_get(invocation, "toolExecutionNotifications");
    assert_true(json_is_false(json_object_get(invocation, "executionSuccessful")));
    assert_int_equal(json_array_size(notices), 2);
    const json_t *last = json_array_get(notices, 1);
    assert_string_equal(finding_get(last, "level"), "error");
    assert_string_equal(finding_get(json_object_get(last, "message"), "text"), WHY);
    json_decref(document);
}

static void test_junit(void **state)
{
    (void)state;
    const char *text = incomplete(FORMAT_JUNIT);
    report_has(text, "errors=\"3\"");
    report_has(
        text,
        "<testcase classname=\"run.complete\" name=\"*/*/run/*\"><error message=\"unknown: The "
        "run was completed; " WHY);
}

static void test_html(void **state)
{
    (void)state;
    const char *text = incomplete(FORMAT_HTML);
    report_has(text, "role=\"alert\"><strong>This report is incomplete.");
    report_has(text, "<li>" WHY "</li>");
    report_lacks(whole(FORMAT_HTML), "role=\"alert\"");
}

/* Security Hub takes no finding without an account. */
static void test_asff(void **state)
{
    (void)state;
    report_lacks(incomplete(FORMAT_ASFF), "\"AwsAccountId\":\"*\"");
    struct report *report = report_begin(FORMAT_ASFF);
    report_missing(report, "interrupted", WHY);
    report_has(report_end(report), "\"AwsAccountId\":\"000000000000\"");
}

/* Thousands of places: their causes and their number are reported. */
static void test_many_places(void **state)
{
    (void)state;
    struct report *report = report_begin(FORMAT_TABLE);
    for (int i = 0; i < 50; i++) {
        char why[16];
        snprintf(why, sizeof why, "cause %d", i);
        add_unlisted(report, "eu-west-1", why);
    }
    const char *text = report_end(report);
    report_has(text, "cause 19 (and 30 more places)");
    report_lacks(strstr(text, "incomplete:"), "cause 20");
}

/* ---- accounts that cannot be entered ---- */

#define NOT_ENTERED                                                                                \
    "account 444455556666 cannot be entered (2 resources not audited, 38 places not listed): "     \
    "role "                                                                                        \
    "arn:aws:iam::444455556666:role/member_remediator could not be assumed"

static const char *not_entered(enum settings_format format)
{
    struct report *report = report_begin(format);
    struct resource *place = finding_entry_place("444455556666", "us-east-1");
    json_t *resources = json_pack("{s:i, s:i}", "sqs", 1, "ami", 1);
    json_t *error =
        json_pack("{s:s, s:s, s:s}", "kind", "credentials", "code", "AccessDenied", "message",
                  "sqs:ListQueues: role arn:aws:iam::444455556666:role/"
                  "member_remediator could not be assumed");
    json_t *finding = finding_not_entered(place, error);
    finding_entry_count(finding, resources, 38);
    report_give(report, report_finding("a", "sqs.c0", "compliant", "none"));
    report_give(report, finding);
    json_decref(resources);
    json_decref(error);
    resource_free(place);
    return report_end(report);
}

static void test_account_in_every_format(void **state)
{
    (void)state;
    for (int format = FORMAT_TABLE; format <= FORMAT_OCSF; format++)
        report_has(not_entered((enum settings_format)format), NOT_ENTERED);
}

static void test_account(void **state)
{
    (void)state;
    report_has(not_entered(FORMAT_TABLE), "1 resource \xc2\xb7 2 checks");
    report_has(not_entered(FORMAT_TABLE), "\nincomplete: " NOT_ENTERED "\n");
    report_has(not_entered(FORMAT_SUMMARY), "\nincomplete: " NOT_ENTERED "\n");
    report_has(not_entered(FORMAT_SUMMARY), "doctor --accounts 444455556666\n");
    report_has(not_entered(FORMAT_JSONL), "\"evidence\":{\"resources\":2,\"types\":{\"ami\":1,"
                                          "\"sqs\":1},\"places\":38}");
    report_has(not_entered(FORMAT_SARIF), "\"executionSuccessful\":false");
    report_has(not_entered(FORMAT_SARIF), "\"descriptor\":{\"id\":\"account.entered\"}");
    report_has(not_entered(FORMAT_JUNIT), "errors=\"1\"");
    report_has(not_entered(FORMAT_HTML), "<li>" NOT_ENTERED "</li>");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, report_set_up, report_tear_down)

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        TEST(test_every_format), TEST(test_table),
        TEST(test_sarif),        TEST(test_junit),
        TEST(test_html),         TEST(test_asff),
        TEST(test_many_places),  TEST(test_account_in_every_format),
        TEST(test_account),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
