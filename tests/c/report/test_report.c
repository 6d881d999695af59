/* Reports line by line, and files that are complete or absent. */
#include <pty.h>
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

#include "base/log.h"
#include "base/mem.h"
#include "report/report_progress.h"
#include "support/report_findings.h"
#include "support/slowed.h"
#include "value/json.h"

static json_t *read_json(const char *text)
{
    struct err err = {0};
    json_t *value = json_parse(text, strlen(text), &err);
    if (value == NULL)
        fail_msg("%s in %s", err.message, text);
    return value;
}

static void test_jsonl(void **state)
{
    (void)state;
    struct report *report = report_begin(FORMAT_JSONL);
    report_add_all(report);
    const char *text = report_end(report);
    size_t lines = 0;
    for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
        struct err err = {0};
        json_t *value = json_parse(line, (size_t)(strchr(line, '\n') - line), &err);
        assert_non_null(value);
        json_decref(value);
        lines++;
    }
    assert_int_equal(lines, VERDICTS - 1); /* without the compliant one */
    report_lacks(text, "\x1b");
    report_lacks(text, "\xc2\x9b");
    report_lacks(text, "\x7f");
    report_has(text, "q\\u001b[31m\\\"<b>&\\n\\u009b\\u007f'");
}

static void test_jsonl_streams(void **state)
{
    (void)state;
    int ends[2], saved = dup(STDOUT_FILENO);
    char line[2048];
    assert_int_equal(pipe(ends), 0);
    fflush(stdout);
    dup2(ends[1], STDOUT_FILENO);
    report_settings.output = NULL;
    struct report *report = report_begin(FORMAT_JSONL);
    report_give(report, report_finding("a", "sqs.public", "unknown", "none"));
    ssize_t got = read(ends[0], line, sizeof line - 1); /* before the report is closed */
    report_close(report, NULL);
    dup2(saved, STDOUT_FILENO);
    close(saved);
    close(ends[0]);
    close(ends[1]);
    assert_true(got > 10 && line[got - 1] == '\n');
}

static void test_json(void **state)
{
    (void)state;
    struct report *report = report_begin(FORMAT_JSON);
    json_t *empty = read_json(report_end(report));
    assert_int_equal(json_array_size(empty), 0);
    assert_true(json_is_array(empty));
    json_decref(empty);
    report_settings.all = true;
    report = report_begin(FORMAT_JSON);
    report_add_all(report);
    json_t *list = read_json(report_end(report));
    assert_int_equal(json_array_size(list), VERDICTS);
    assert_string_equal(finding_get(json_array_get(list, 5), "id"), HOSTILE);
    json_decref(list);
}

static void test_csv(void **state)
{
    (void)state;
    struct report *report = report_begin(FORMAT_CSV);
    report_give(report, report_finding("=cmd|' /C calc'!A0", "sqs.public", "unknown", "none"));
    report_give(report, report_finding("a,\"b\"\nc", "@sum", "unknown", "none"));
    const char *text = report_end(report);
    report_has(text,
               "account,region,type,id,check,title,severity,status,remediation,summary,evidence,");
    report_has(text, "\"'=cmd|' /C calc'!A0\",");
    report_has(text, "\"a,\"\"b\"\"\nc\",\"'@sum\",");
    report_has(text, ",time,baseline\r\n\"111122223333\",\"us-east-1\",\"sqs\",");
}

static void test_output_is_whole_or_absent(void **state)
{
    (void)state;
    struct report *report = report_begin(FORMAT_JSONL);
    report_give(report, report_finding("a", "sqs.public", "unknown", "none"));
    assert_int_not_equal(access(report_path, F_OK), 0);
    report_end(report);
    struct stat info;
    mode_t mask = umask(0);
    umask(mask);
    assert_int_equal(stat(report_path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0666 & ~mask);
}

static void test_unwritable(void **state)
{
    (void)state;
    struct err err = {0};
    report_settings.output = (char[]){"/nowhere/at/all"};
    assert_null(report_open(&report_settings, &err));
    assert_int_equal(err.kind, ERR_IO);
    report_has(err.message, "/nowhere/at/all");
    report_settings.output = (char[]){"/dev/full"};
    static const enum settings_format formats[] = {FORMAT_TABLE, FORMAT_JSONL, FORMAT_HTML,
                                                   FORMAT_SARIF};
    for (size_t i = 0; i < 4; i++) {
        struct report *report = report_begin(formats[i]);
        report_add_all(report);
        assert_int_equal(report_close(report, &err), -1);
        assert_int_equal(err.kind, ERR_IO);
        report_has(err.message, "/dev/full");
    }
    struct stat info;
    assert_int_equal(stat("/dev/full", &info), 0);
    assert_true(S_ISCHR(info.st_mode));
}

static void test_failed_rename_leaves_nothing(void **state)
{
    (void)state;
    struct err err = {0};
    struct report *report = report_begin(FORMAT_JSON);
    assert_int_equal(mkdir(report_path, 0700), 0);
    assert_int_equal(report_close(report, &err), -1);
    assert_int_equal(err.kind, ERR_IO);
    assert_int_equal(rmdir(report_path), 0);
}

/* Makes standard error a terminal; the previous one is restored later. */
static struct {
    int master, saved;
    char shown[4096];
} screen;

static void take_screen(void)
{
    int slave;
    assert_int_equal(openpty(&screen.master, &slave, NULL, NULL, NULL), 0);
    fflush(stderr);
    screen.saved = dup(STDERR_FILENO);
    dup2(slave, STDERR_FILENO);
    close(slave);
    report_settings.quiet = false;
}

static void give_screen_back(void)
{
    fprintf(stderr, "end");
    fflush(stderr);
    size_t length = 0;
    memset(screen.shown, 0, sizeof screen.shown);
    while (strstr(screen.shown, "end") == NULL) { /* a terminal passes on any amount */
        ssize_t got = read(screen.master, screen.shown + length, sizeof screen.shown - 1 - length);
        assert_true(got > 0);
        length += (size_t)got;
    }
    dup2(screen.saved, STDERR_FILENO);
    close(screen.saved);
    close(screen.master);
}

#define CLEARED "\r\x1b[K"
#define DRAWN(line) CLEARED "\x1b[?7l" line "\x1b[?7h"

static void test_progress(void **state)
{
    (void)state;
    take_screen();
    struct report *report = report_begin(FORMAT_JSONL);
    report_progress(report, &(struct progress){.verb = "audited", .done = 1, .running = 2});
    if (!is_slowed()) /* too soon to be drawn */
        report_progress(report, &(struct progress){.verb = "audited", .done = 2});
    log_warn("careful");
    report_progress(report, &(struct progress){
                                .verb = "audited", .done = 1204, .total = 3000, .throttled = 12});
    report_give(report, report_finding("a", "sqs.public", "unknown", "none"));
    report_end(report);
    log_warn("later");
    give_screen_back();
    assert_string_equal(screen.shown, DRAWN("audited 1, 2 in progress") CLEARED
                        "engine: warning: careful\r\n" DRAWN("audited 1,204 of 3,000, 12 throttled")
                            CLEARED "1 resource \xc2\xb7 1 check: 1 unknown\r\n"
                                    "engine: warning: later\r\nend");
}

static void test_quiet(void **state)
{
    (void)state;
    take_screen();
    report_settings.quiet = true;
    struct report *report = report_begin(FORMAT_JSONL);
    report_progress(report, &(struct progress){.verb = "audited", .done = 1});
    report_give(report, report_finding("a", "sqs.public", "unknown", "none"));
    report_end(report);
    give_screen_back();
    assert_string_equal(screen.shown, "end");
}

static void test_progress_of_a_scan(void **state)
{
    (void)state;
    take_screen();
    struct report *report = report_begin(FORMAT_JSONL);
    struct progress progress = {.verb = "audited", .done = 1204, .found = 1460, .places = 38};
    progress.listed = 3;
    report_progress(report, &progress);
    log_warn("careful");
    progress.places = 1;
    progress.listed = 0;
    report_progress(report, &progress);
    log_warn("again");
    progress.total = 2000; /* all places are listed */
    report_progress(report, &progress);
    report_end(report);
    give_screen_back();
    assert_non_null(strstr(screen.shown, DRAWN("audited 1,204 of 1,460 found so far, 3 of 38 "
                                               "places listed") CLEARED));
    assert_non_null(strstr(screen.shown, "0 of 1 place listed\x1b"));
    assert_non_null(strstr(screen.shown, DRAWN("audited 1,204 of 2,000")));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, report_set_up, report_tear_down)

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        TEST(test_jsonl),
        TEST(test_jsonl_streams),
        TEST(test_json),
        TEST(test_csv),
        TEST(test_output_is_whole_or_absent),
        TEST(test_unwritable),
        TEST(test_failed_rename_leaves_nothing),
        TEST(test_progress),
        TEST(test_progress_of_a_scan),
        TEST(test_quiet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
