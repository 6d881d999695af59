/* The summary: what is left by type, severity and impact, why something is unknown, and commands
 * that a shell can run unchanged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/report_text.h"
#include "settings/settings_again.h"
#include "support/report_findings.h"

static struct report *begin(void)
{
    return report_begin(FORMAT_SUMMARY);
}

static json_t *left(const char *id, const char *severity, const char *remediation,
                    const char *impact)
{
    json_t *finding = report_finding(id, "sqs.public", "non_compliant", remediation);
    finding_set(finding, "severity", severity);
    if (impact != NULL)
        finding_set(finding, "impact", impact);
    return finding;
}

static json_t *unknown(const char *account, const char *id, const char *check, const char *message)
{
    json_t *finding = report_finding(id, check, "unknown", "none");
    finding_set(finding, "account", account);
    json_object_set_new(finding, "error",
                        json_pack("{s:s, s:s, s:s}", "code", "AccessDenied", "operation",
                                  "sqs:GetQueueAttributes", "message", message));
    return finding;
}

static void test_by_severity_and_impact(void **state)
{
    (void)state;
    struct report *report = begin();
    report_give(report, left("a", "critical", "available", "none"));
    report_give(report, left("b", "high", "available", "interrupts"));
    report_give(report, left("c", "low", "planned", "interrupts"));
    report_give(report, left("d", "low", "held", "stops"));
    report_give(report, left("e", "medium", "available", NULL));
    report_give(report, left("f", "medium", "none", NULL));
    report_give(report, report_finding("g", "sqs.public", "compliant", "none"));
    const char *text = report_end(report);
    report_has(text, "  TYPE              CRITICAL  HIGH  MEDIUM  LOW  UNKNOWN\n"
                     "  sqs                      1     1       2    2        \xc2\xb7\n");
    report_has(text, "  IMPACT OF REPAIR  TO REPAIR  HELD\n"
                     "  none                      1     \xc2\xb7\n"
                     "  interrupts                2     \xc2\xb7\n"
                     "  stops                     \xc2\xb7     1\n"
                     "  not declared              1     \xc2\xb7\n\n");
    report_lacks(text, "\x1b");
}

/* The column has all that is unknown of a type, so its sum is the total. */
static void test_a_place_counts_for_its_type(void **state)
{
    (void)state;
    struct report *report = begin();
    report_give(report, unknown("111122223333", "a", "sqs.public", "sqs refuses a"));
    report_give(report, unknown("111122223333", "*", "sqs.listed", "sqs refuses the list"));
    const char *text = report_end(report);
    report_has(text, "  TYPE              CRITICAL  HIGH  MEDIUM  LOW  UNKNOWN\n"
                     "  sqs                      \xc2\xb7     \xc2\xb7       \xc2\xb7    \xc2\xb7  "
                     "      2\n");
    report_has(text, "  1 resource: AccessDenied: sqs refuses a\n\n");
}

/* A cause counts resources, however many checks of each resource it makes unknown. */
static void test_causes_count_resources(void **state)
{
    (void)state;
    struct report *report = begin();
    report_give(report, unknown("111122223333", "a", "sqs.public", "sqs refuses a"));
    report_give(report, unknown("111122223333", "a", "sqs.tls", "sqs refuses a"));
    report_give(report, unknown("111122223333", "b", "sqs.public", "sqs refuses b"));
    report_give(report, unknown("444455556666", "c", "sqs.public", "sqs refuses c"));
    json_t *other = report_finding("d", "sqs.public", "pending", "none");
    finding_set(other, "summary", "not ready yet");
    report_give(report, other);
    const char *text = report_end(report);
    report_has(text, "not known, or failed:\n"
                     "  3 resources in 2 accounts: AccessDenied: sqs refuses a\n"
                     "  1 resource: not ready yet\n\n");
    report_lacks(text, "refuses b");
}

static void test_causes_have_a_limit(void **state)
{
    (void)state;
    struct report *report = begin();
    for (int i = 0; i < 500; i++) {
        char id[16], message[32];
        snprintf(id, sizeof id, "q%d", i);
        snprintf(message, sizeof message, "reason %d", i);
        json_t *finding = report_finding(id, "sqs.public", "unknown", "none");
        finding_set(finding, "summary", message);
        report_give(report, finding);
    }
    const char *text = report_end(report);
    report_has(text, "  1 resource: reason 19\n  480 resources: other reasons\n");
    report_lacks(text, "reason 20");
}

static void check_lines(size_t width)
{
    struct report *report = begin();
    json_t *finding = left("a", "critical", "held", "none");
    finding_set(finding, "type", "a_type_with_a_name_that_is_longer_than_any_other");
    report_give(report, finding);
    report_give(report, unknown("1", "a", "b", "a long message, a long message, a long message"));
    report_add_all(report);
    const char *text = report_end(report);
    while (text[0] != '\0' && strncmp(text, "next:", 5) != 0) {
        size_t length = strcspn(text, "\n");
        char line[256];
        snprintf(line, sizeof line, "%.*s", (int)length, text);
        assert_in_range(text_width(line), 0, width);
        text += length + 1;
    }
    report_has(text, "next:");
}

static void test_every_line_fits_but_commands(void **state)
{
    (void)state;
    setenv("COLUMNS", "60", 1);
    check_lines(60);
    setenv("COLUMNS", "40", 1);
    check_lines(40);
}

static void add_words(const char *const *words)
{
    for (; *words != NULL; words++)
        text_list_add(&report_settings.again, *words);
}

static void test_next_commands_of_a_scan(void **state)
{
    (void)state;
    static const char *const words[] = {"build/engine", "scan",         "--accounts",
                                        "org,!1",       "--policies",   "/my files/it's",
                                        "--regions",    "eu-central-1", NULL};
    add_words(words);
    struct report *report = begin();
    report_give(report, left("a", "low", "available", "none"));
    json_t *worse = left("b", "high", "none", NULL);
    finding_set(worse, "check", "sqs.worse");
    report_give(report, worse);
    const char *text = report_end(report);
    report_has(text, "\nnext:\n"
                     "  why it matters:  build/engine explain sqs.worse"
                     " --policies '/my files/it'\\''s'\n"
                     "  every finding:   build/engine scan --accounts 'org,!1'"
                     " --policies '/my files/it'\\''s' --regions eu-central-1 --format table\n"
                     "  what repairs it: build/engine scan --accounts 'org,!1'"
                     " --policies '/my files/it'\\''s' --regions eu-central-1"
                     " --dry-run --output plan\n");
    text_list_clear(&report_settings.again);
}

static void test_next_commands_of_one_resource(void **state)
{
    (void)state;
    static const char *const words[] = {"engine", "", "--policy", "sqs", "--resource", "q", NULL};
    char resource[] = "q";
    add_words(words);
    report_settings.resource = resource;
    struct report *report = begin();
    report_give(report, left("q", "low", "available", "none"));
    const char *text = report_end(report);
    report_has(text, "  every finding:   engine --policy sqs --resource q --format table\n"
                     "  what repairs it: engine plan --policy sqs --resource q --output plan\n");
    text_list_clear(&report_settings.again);
}

static const char *next_commands_with(const char *resource)
{
    const char *const words[] = {"engine", "", "--resource", resource, NULL};
    char other[] = "q";
    add_words(words);
    report_settings.resource = other;
    struct report *report = begin();
    report_give(report, left("q", "low", "available", "none"));
    const char *text = report_end(report);
    text_list_clear(&report_settings.again);
    return text;
}

/* A command is shown exactly as it would run, or not at all. */
static void test_next_commands_are_exact(void **state)
{
    static const char *const unsafe[] = {"a\tb",     "a\nb",          "a\rb",
                                         "a\x1b[2J", "a\xe2\x80\xae", "\xff"};
    (void)state;
    report_has(next_commands_with("a'b; rm -rf  x"),
               "engine --resource 'a'\\''b; rm -rf  x' --format table\n");
    for (size_t i = 0; i < sizeof unsafe / sizeof *unsafe; i++) {
        const char *text = next_commands_with(unsafe[i]);
        report_has(text, "  why it matters:  engine explain sqs.public\n");
        report_lacks(text, "--resource");
    }
}

static void test_no_next_commands_of_a_hostile_program(void **state)
{
    static const char *const words[] = {"/tmp/\x1b[2J", "scan", NULL};
    (void)state;
    add_words(words);
    struct report *report = begin();
    report_give(report, left("q", "low", "available", "none"));
    report_lacks(report_end(report), "next:");
    text_list_clear(&report_settings.again);
}

/* Lines that were read from stdin are gone: another run needs them again. */
static void test_next_commands_of_lines(void **state)
{
    (void)state;
    static const char *const words[] = {"engine", "remediate", NULL};
    add_words(words);
    struct report *report = begin();
    report_give(report, left("q", "low", "available", "none"));
    const char *text = report_end(report);
    report_has(text, "  why it matters:  engine explain sqs.public\n"
                     "  every finding:   the same with --format table\n"
                     "  held without KNOWN_ACCOUNTS or ORGANIZATION_ACCOUNT: repairs that remove "
                     "an account\n");
    report_lacks(text, "--output plan");
    text_list_clear(&report_settings.again);
}

static void test_no_hint_where_it_is_known_who_is_trusted(void **state)
{
    (void)state;
    static const char *const words[] = {"engine", "remediate", NULL};
    static const char *const known[] = {"known_accounts", "organization_account"};
    for (size_t i = 0; i < 2; i++) {
        add_words(words);
        report_settings.for_policies = json_pack("{s:[s]}", known[i], "111122223333");
        struct report *report = begin();
        report_give(report, left("q", "low", "available", "none"));
        const char *text = report_end(report);
        report_has(text, "  every finding:   the same with --format table\n");
        report_lacks(text, "held without");
        json_decref(report_settings.for_policies);
        text_list_clear(&report_settings.again);
    }
    report_settings.for_policies = NULL;
}

static void test_nothing_is_left(void **state)
{
    (void)state;
    struct report *report = begin();
    report_give(report, report_finding("a", "sqs.public", "compliant", "none"));
    assert_string_equal(report_end(report), "1 resource \xc2\xb7 1 check: 1 compliant\n");
}

static void test_what_another_command_repeats(void **state)
{
    (void)state;
    struct settings settings = {0};
    settings_again_begin(&settings, "engine", "scan");
    settings_again_add(&settings, "--format", "table");
    settings_again_add(&settings, "--regions", "us-east-1");
    settings_again_add(&settings, "--no-assume-role", NULL);
    settings_again_add(&settings, "--hold-irreversible", "false");
    settings_again_add(&settings, "--remediate", "true");
    static const char *const words[] = {"engine",           "scan",
                                        "--regions",        "us-east-1",
                                        "--no-assume-role", "--hold-irreversible=false"};
    assert_int_equal(settings.again.count, 6);
    for (size_t i = 0; i < 6; i++)
        assert_string_equal(settings.again.items[i], words[i]);
    text_list_clear(&settings.again);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, report_set_up, report_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_by_severity_and_impact),
        TEST(test_a_place_counts_for_its_type),
        TEST(test_causes_count_resources),
        TEST(test_causes_have_a_limit),
        TEST(test_every_line_fits_but_commands),
        TEST(test_next_commands_of_a_scan),
        TEST(test_next_commands_of_one_resource),
        TEST(test_next_commands_are_exact),
        TEST(test_no_next_commands_of_a_hostile_program),
        TEST(test_next_commands_of_lines),
        TEST(test_no_hint_where_it_is_known_who_is_trusted),
        TEST(test_nothing_is_left),
        cmocka_unit_test(test_what_another_command_repeats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
