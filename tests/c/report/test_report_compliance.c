/* The results for a framework's controls, as the table, the summary, JSON and HTML show them. */
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

#include "compliance/compliance.h"
#include "support/report_findings.h"

static const char framework[] =
    "{\"title\": \"A <Framework>\", \"sources\": [\"https://x\"], \"controls\": {\"1.1\": [],"
    " \"1.2\": [\"SQS.3\"], \"2.1\": [\"sqs.tls ~\"], \"10\": []}}";
static struct policy queues = {.type = "sqs"};
static const struct policy *const policies[] = {&queues};
static char folder[] = "/tmp/controls-XXXXXX";
static struct compliance *compliance;

static const struct policy *const *all(void *self, size_t *count)
{
    (void)self;
    *count = 1;
    return policies;
}

static struct evaluator evaluator = {.all = all};

static void path_of(const char *name, char path[96])
{
    snprintf(path, 96, "%s/frameworks%s", folder, name);
}

static int set_up(void **state)
{
    char path[96];
    struct err err = {0};
    strcpy(folder, "/tmp/controls-XXXXXX");
    assert_non_null(mkdtemp(folder));
    path_of("", path);
    assert_int_equal(mkdir(path, 0700), 0);
    path_of("/mine.json", path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(framework, file);
    fclose(file);
    queues.meta =
        json_pack("{s:[{s:s, s:s, s:{s:[s]}}, {s:s}]}", "checks", "id", "sqs.public", "title",
                  "Queue is <public>", "controls", "securityhub", "SQS.3", "id", "sqs.tls");
    compliance =
        compliance_open(&(struct text_list){(char *[]){folder}, 1}, "mine", &evaluator, &err);
    assert_string_equal(err.message, "");
    return report_set_up(state);
}

static int tear_down(void **state)
{
    char path[96];
    compliance_free(compliance);
    json_decref((json_t *)(uintptr_t)queues.meta);
    path_of("/mine.json", path);
    unlink(path);
    path_of("", path);
    rmdir(path);
    rmdir(folder);
    return report_tear_down(state);
}

static const char *report_of(enum settings_format format)
{
    struct report *report = report_begin(format);
    report_set_compliance(report, compliance);
    assert_false(report_counts_compliant(report));
    report_give(report, report_finding("a", "sqs.public", "compliant", "none"));
    report_give(report, report_finding("b", "sqs.public", "non_compliant", "none"));
    report_give(report, report_finding("b", "sqs.tls", "compliant", "none"));
    return report_end(report);
}

static void check_text(enum settings_format format)
{
    const char *text = report_of(format);
    report_has(text, "A <Framework> (mine): 1 failed, 1 passed, 2 not covered\n"
                     "  CONTROL  STATUS         PASSED  FAILED UNKNOWN  EXEMPT  CHECKS\n"
                     "  1.2      failed              1       1       0       0  Queue is <public> "
                     "(sqs.public)\n"
                     "  2.1      passed ~            1       0       0       0  sqs.tls\n"
                     "  ~: its checks are similar or cover only a part: a pass does not prove that "
                     "the control is met\n"
                     "  not covered: 1.1, 10\n\n");
}

static void test_narrow(void **state)
{
    (void)state;
    setenv("COLUMNS", "60", 1);
    const char *text = report_of(FORMAT_SUMMARY);
    report_has(text, "  CONTROL  STATUS         PASSED  FAILED UNKNOWN  EXEMPT\n"
                     "  1.2      failed              1       1       0       0\n");
}

static void test_without_room_for_titles(void **state)
{
    (void)state;
    setenv("COLUMNS", "90", 1);
    const char *text = report_of(FORMAT_SUMMARY);
    report_has(text, "  1.2      failed              1       1       0       0  sqs.public\n");
}

static void test_table(void **state)
{
    (void)state;
    check_text(FORMAT_TABLE);
}

static void test_summary(void **state)
{
    (void)state;
    check_text(FORMAT_SUMMARY);
}

static void test_json(void **state)
{
    (void)state;
    const char *text = report_of(FORMAT_JSON);
    report_has(text, "{\"findings\":[\n{\"account\":");
    report_has(text, "}\n],\n\"compliance\":{\"framework\":\"mine\",\"title\":\"A <Framework>\",");
    report_has(text, "{\"id\":\"1.2\",\"status\":\"failed\",\"checks\":[\"sqs.public\"],");
    report_lacks(text, "\"status\":\"compliant\"");
}

static void test_html(void **state)
{
    (void)state;
    const char *text = report_of(FORMAT_HTML);
    report_has(text, "\"title\":\"A \\u003cFramework\\u003e\",");
    report_has(text, "{\"id\":\"2.1\",\"status\":\"passed\",");
    report_has(text, "\"near\":true");
    report_has(text, "\"titles\":{\"sqs.public\":\"Queue is \\u003cpublic\\u003e\"}");
    report_has(text, "{\"id\":\"10\",\"status\":\"not_covered\",");
}

static void test_without_a_framework(void **state)
{
    (void)state;
    struct report *report = report_begin(FORMAT_JSON);
    assert_true(report_counts_compliant(report));
    assert_string_equal(report_end(report), "[]\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_table),
        TEST(test_summary),
        TEST(test_narrow),
        TEST(test_without_room_for_titles),
        TEST(test_json),
        TEST(test_html),
        TEST(test_without_a_framework),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
