/* What an earlier report takes in memory, and how the checks of one resource are told apart. */
#include <malloc.h>
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
#include "baseline/baseline.h"
#include "policy/verdict.h"
#include "support/report_findings.h"

#define MANY 2000

static char path[64];

static FILE *new_file(void)
{
    strcpy(path, "/tmp/baseline-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    return fdopen(fd, "w");
}

static struct baseline *open_file(void)
{
    struct err err = {0};
    static struct settings settings;
    struct baseline *baseline = baseline_open(path, &settings, NULL, &err);
    assert_string_equal(err.message, "");
    assert_non_null(baseline);
    unlink(path);
    return baseline;
}

static void append(FILE *file, json_t *finding)
{
    assert_int_equal(json_dumpf(finding, file, 0), 0);
    json_decref(finding);
}

static void marks(struct baseline *baseline, json_t *finding, const char *mark)
{
    baseline_mark(baseline, finding);
    assert_string_equal(verdict_mark_name(verdict_mark(finding)), mark);
    json_decref(finding);
}

/* 320 bytes with glibc; a sanitizer's allocator counts none. */
static void test_memory_of_many(void **state)
{
    (void)state;
    FILE *file = new_file();
    for (int i = 0; i < MANY; i++)
        fprintf(file,
                "{\"account\":\"111122223333\",\"region\":\"us-east-1\",\"type\":\"sqs\","
                "\"id\":\"https://sqs.us-east-1.amazonaws.com/111122223333/queue-%04d\","
                "\"check\":\"sqs.public\",\"status\":\"non_compliant\"}\n",
                i);
    fclose(file);
    size_t before = mallinfo2().uordblks;
    struct baseline *baseline = open_file();
    size_t after = mallinfo2().uordblks;
    baseline_free(baseline);
    assert_true(after < before + (size_t)MANY * 500);
}

/* The last finding of a check counts, and one check's name may be the beginning of another's. */
static void test_checks_of_one_resource(void **state)
{
    (void)state;
    FILE *file = new_file();
    append(file, report_finding("q", "sqs.public_all", "unknown", "none"));
    append(file, report_finding("q", "sqs.public", "unknown", "none"));
    append(file, report_finding("q", "sqs.public", "non_compliant", "none"));
    fclose(file);
    struct baseline *baseline = open_file();
    marks(baseline, report_finding("q", "sqs.public", "non_compliant", "none"), "unchanged");
    marks(baseline, report_finding("q", "sqs.public_all", "non_compliant", "none"), "new");
    marks(baseline, report_finding("q", "sqs.pub", "non_compliant", "none"), "new");
    baseline_free(baseline);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_memory_of_many),
                                              cmocka_unit_test(test_checks_of_one_resource)};
    mem_install();
    return cmocka_run_group_tests_name("baseline of many", tests, NULL, NULL);
}
