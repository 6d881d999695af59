/* The table as a terminal shows it: aligned, within its width, and without control characters from
 * outside. */
#include <pty.h>
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
#include "base/report_text.h"
#include "support/report_findings.h"

/* Who agreed to an exception, until when, and where it is written. */
static void test_an_exemption_is_complete(void **state)
{
    (void)state;
    struct report *report = report_begin(FORMAT_TABLE);
    json_t *finding = report_finding("b", "sqs.c0", "exempt", "none");
    json_object_set_new(finding, "exemption",
                        json_pack("{s:s, s:s, s:s, s:s}", "rule", "r.json: rules[1]", "reason",
                                  "agreed", "owner", "Ann", "expires", "2099-12-31"));
    report_give(report, finding);
    const char *text = report_end(report);
    report_has(text, " exempt: agreed\n");
    report_has(text, " owner: Ann\n");
    report_has(text, " until 2099-12-31\n");
    report_has(text, " rule: r.json: rules[1]\n");
}

static void test_table(void **state)
{
    (void)state;
    struct report *report = report_begin(FORMAT_TABLE);
    report_add_all(report);
    const char *text = report_end(report);
    report_has(text, "  STATUS         SEVERITY  CHECK    RESOURCE");
    report_has(text, "\n111122223333 \xc2\xb7 us-east-1\n");
    report_has(text, "held: a limit");
    report_has(text, "exempt: agreed");
    report_has(text, "repaired       high      sqs.c4   a");
    report_has(
        text,
        "2 resources \xc2\xb7 11 checks: 1 failed, 1 unknown, 1 pending, 1 held, 1 planned, 1 "
        "to repair, 1 without repair, 1 fixed, 1 exempt, 1 gone, 1 compliant\n");
    report_lacks(text, "\x1b");
    report_lacks(text, "\x7f");
    report_lacks(text, "\xc2\x9b");
}

static void add_planned(struct report *report)
{
    json_t *finding = report_finding("https://sqs.us-east-1.amazonaws.com/111122223333/orders-of-"
                                     "customers-and-others",
                                     "sqs.public", "non_compliant", "planned");
    json_t *step = json_pack("{s:s, s:{s:s, s:{s:s}}, s:{s:s, s:{s:{s:s}}}}", "call",
                             "sqs:SetQueueAttributes", "with", "QueueUrl", "https://q",
                             "Attributes", "Policy", "", "undo", "call", "sqs:SetQueueAttributes",
                             "with", "Attributes", "Policy", "{\"Version\":\"2012-10-17\"}");
    json_t *last = json_pack("{s:s, s:{s:b}, s:s}", "call", "ecs:DeleteTaskSet", "with", "force", 1,
                             "irreversible", "nothing brings it back");
    json_object_set_new(finding, "steps", json_pack("[o, o]", step, last));
    report_give(report, finding);
}

static void test_planned_calls(void **state)
{
    (void)state;
    struct report *report = report_begin(FORMAT_TABLE);
    add_planned(report);
    const char *text = report_end(report);
    report_has(text, "\n      would call sqs:SetQueueAttributes\n          QueueUrl = https://q\n"
                     "          Attributes.Policy = \"\"\n"
                     "          undo: sqs:SetQueueAttributes  Attributes.Policy = "
                     "{\"Version\":\"2012-10-17\"}\n"
                     "      would call ecs:DeleteTaskSet\n          force = true\n"
                     "          cannot be undone: nothing brings it back\n");
}

/* A long id is shortened in its row so that its end stays, and is complete below the row. */
static void test_long_id(void **state)
{
    (void)state;
    setenv("COLUMNS", "100", 1);
    struct report *report = report_begin(FORMAT_TABLE);
    add_planned(report);
    const char *text = report_end(report);
    report_has(text, "https://sqs.us-\xe2\x80\xa6orders-of-customers-and-others");
    report_has(text, "\n      https://sqs.us-east-1.amazonaws.com/111122223333/orders-of-customers-"
                     "and-others\n");
}

/* Text is beside the row if the whole id leaves enough room for it, otherwise below. */
static void test_place_of_text(void **state)
{
    (void)state;
    static const char *const widths[] = {"90", "180"};
    static const char *const places[] = {"planned\n      https", "planned      anyone may send\n"};
    for (int i = 0; i < 2; i++) {
        setenv("COLUMNS", widths[i], 1);
        struct report *report = report_begin(FORMAT_TABLE);
        add_planned(report);
        report_has(report_end(report), places[i]);
    }
}

/* Evidence that the summary already contains is not repeated. */
static void test_reported_once(void **state)
{
    (void)state;
    struct report *report = report_begin(FORMAT_TABLE);
    json_t *finding = report_finding("a", "sqs.tags", "non_compliant", "none");
    json_object_set_new(finding, "summary", json_string("required tags missing: Owner, Team"));
    json_object_set_new(finding, "evidence", json_pack("[s, s]", "Owner", "Team"));
    report_give(report, finding);
    const char *text = report_end(report);
    report_has(text, "required tags missing: Owner, Team\n");
    report_lacks(text, "\n      Owner, Team");
    report_lacks(text, "TeamOwner");
}

/* No line of the table is wider than the terminal, and columns are below their titles. */
static void check_width(const char *text, size_t width)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        char *line = mem_strndup(text, length);
        if (text_width(line) > width && strstr(line, "checks:") == NULL)
            fail_msg("%zu columns: %s", text_width(line), line);
        mem_free(line);
        text += length + (text[length] == '\n');
    }
}

static void test_table_fits(void **state)
{
    (void)state;
    static const size_t widths[] = {40, 50, 60, 66, 70, 80, 100, 120, 200};
    for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++) {
        char columns[16];
        snprintf(columns, sizeof columns, "%zu", widths[i]);
        setenv("COLUMNS", columns, 1);
        struct report *report = report_begin(FORMAT_TABLE);
        add_planned(report);
        report_give(
            report,
            report_finding("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e-\xf0\x9f\x8e\x89-long-name-that-"
                           "goes-on-and-on-and-on-forever-and-ever",
                           "sqs.shared", "unknown", "none"));
        report_give(report, report_finding("sg-0123456789abcdef0", "security_group.open_to_world",
                                           "non_compliant", "available"));
        const char *text = report_end(report);
        report_has(text, "sg-0123456789abcdef0");
        check_width(text, widths[i]);
    }
}

/* What a terminal of 100 columns shows. */
static char *on_terminal(void)
{
    struct winsize size = {.ws_row = 50, .ws_col = 100};
    int master, slave, saved = dup(STDOUT_FILENO);
    struct buf shown;
    char chunk[4096];
    buf_init(&shown, 1 << 20);
    assert_int_equal(openpty(&master, &slave, NULL, NULL, &size), 0);
    fflush(stdout);
    dup2(slave, STDOUT_FILENO);
    report_settings.output = NULL;
    struct report *report = report_begin(FORMAT_TABLE);
    report_give(report, report_finding("a", "sqs.public", "non_compliant", "available"));
    report_close(report, NULL);
    dup2(saved, STDOUT_FILENO);
    while (strstr(buf_text(&shown), "1 check: ") == NULL) { /* the output arrives in pieces */
        ssize_t got = read(master, chunk, sizeof chunk);
        assert_true(got > 0);
        buf_add(&shown, chunk, (size_t)got);
    }
    close(saved);
    close(slave);
    close(master);
    return buf_take(&shown);
}

static void test_colours(void **state)
{
    (void)state;
    setenv("TERM", "xterm", 1);
    unsetenv("NO_COLOR");
    char *text = on_terminal();
    report_has(text, "\x1b[31m\xe2\x9c\x97 non-compliant\x1b[0m");
    mem_free(text);
    setenv("NO_COLOR", "1", 1);
    text = on_terminal();
    report_has(text, "  non-compliant");
    report_lacks(text, "\x1b");
    report_lacks(text, "\xe2\x9c\x97");
    mem_free(text);
    unsetenv("NO_COLOR");
}

static void test_nothing_found(void **state)
{
    (void)state;
    struct report *report = report_begin(FORMAT_TABLE);
    assert_string_equal(report_end(report), "0 resources \xc2\xb7 0 checks\n");
}

static void cleaned(const char *text, const char *want)
{
    struct buf out;
    buf_init(&out, 4096);
    text_clean(&out, text, strlen(text));
    assert_string_equal(buf_text(&out), want);
    buf_clear(&out);
}

static void test_clean_text(void **state)
{
    (void)state;
    cleaned("plain \t\r\n text", "plain text");
    cleaned("\x1b]0;x\x07", "\xef\xbf\xbd]0;x\xef\xbf\xbd");
    cleaned("\xc2\x9b"
            "31m",
            "\xef\xbf\xbd"
            "31m");
    cleaned("a\xe2\x80\xae"
            "b",
            "a\xef\xbf\xbd"
            "b");
    cleaned("\xff\xc3", "\xef\xbf\xbd\xef\xbf\xbd");
    cleaned("\xc0\xaf\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    cleaned("\xf0\x9f\x8e\x89\xc3\xb6", "\xf0\x9f\x8e\x89\xc3\xb6");
}

static void shortened(const char *text, size_t width, const char *want)
{
    struct buf out;
    buf_init(&out, 4096);
    text_shorten(&out, text, width);
    assert_string_equal(buf_text(&out), want);
    assert_true(text_width(buf_text(&out)) <= width);
    buf_clear(&out);
}

static void test_shorten(void **state)
{
    (void)state;
    shortened("abcdefghij", 10, "abcdefghij");
    shortened("abcdefghijk", 10,
              "abc\xe2\x80\xa6"
              "fghijk");
    shortened("abc", 1, "\xe2\x80\xa6");
    shortened("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", 4, "\xe2\x80\xa6\xe8\xaa\x9e");
    assert_int_equal(text_width("\xe6\x97\xa5"
                                "a\xcc\x88"),
                     3);
    assert_int_equal(text_break("one two three", 9), 7);
    assert_int_equal(text_break("onetwothree", 4), 4);
    assert_int_equal(text_break("\xe6\x97\xa5", 1), 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, report_set_up, report_tear_down)

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        TEST(test_table),         TEST(test_an_exemption_is_complete),
        TEST(test_planned_calls), TEST(test_long_id),
        TEST(test_place_of_text), TEST(test_reported_once),
        TEST(test_table_fits),    TEST(test_colours),
        TEST(test_nothing_found), TEST(test_clean_text),
        TEST(test_shorten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
