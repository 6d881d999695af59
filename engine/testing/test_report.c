#include "testing/test_report.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clean_text.h"
#include "policy/verdict.h"
#include "report/report_escape.h"
#include "value/json.h"

#define MAX_TEXT ((size_t)16 << 20)
#define LEAST_WIDTH 30

/* Text of a test or a policy, which must not control the terminal. */
static void print_clean(const char *before, const char *text, const char *after)
{
    struct buf clean;
    buf_init(&clean, MAX_TEXT);
    text_clean(&clean, text, strlen(text));
    printf("%s%s%s", before, buf_text(&clean), after);
    buf_clear(&clean);
}

void test_report_result(const json_t *result)
{
    size_t i;
    json_t *failure;
    const json_t *failures = json_object_get(result, "failures");
    bool passed = json_array_size(failures) == 0;
    print_clean(passed ? "  ok      " : "  FAILED  ", json_get_string(result, "name", ""), "");
    if (passed)
        printf(" (%s)", json_get_string(result, "did", ""));
    putchar('\n');
    json_array_foreach (failures, i, failure)
        print_clean("          ", json_string_value(failure), "\n");
}

/* ---- coverage ---- */

static void print_count(const json_t *counts, const char *what, int width)
{
    json_int_t count = json_get_integer(counts, what, 0);
    if (count > 0)
        printf("%*lld", width, (long long)count);
    else
        printf("%*s", width, "-");
}

/* The column of the checks: as wide as the longest id. */
static int id_width(const struct policy *policy)
{
    size_t i, width = LEAST_WIDTH;
    json_t *check;
    json_array_foreach (json_object_get(policy->meta, "checks"), i, check) {
        size_t length = strlen(json_get_string(check, "id", ""));
        width = length > width ? length : width;
    }
    return (int)width;
}

static void print_check(const json_t *check, const json_t *coverage, int width)
{
    const char *id = json_get_string(check, "id", "");
    const json_t *counts = json_object_get(coverage, id);
    printf("  %-*s", width, id);
    print_count(counts, verdict_status_name(STATUS_COMPLIANT), 11);
    print_count(counts, verdict_status_name(STATUS_NON_COMPLIANT), 15);
    print_count(counts, verdict_status_name(STATUS_UNKNOWN), 9);
    if (json_get_bool(check, "fix", false))
        print_count(counts, verdict_remediation_name(REMEDIATION_FIXED), 8);
    else
        printf("%8s", "no fix");
    putchar('\n');
}

static void print_uncalled(const json_t *permissions, const char *kind, const json_t *called)
{
    size_t i, j;
    json_t *permission, *operation;
    json_array_foreach (json_object_get(permissions, kind), i, permission) {
        json_array_foreach (json_object_get(permission, "operations"), j, operation) {
            if (json_object_get(called, json_string_value(operation)) == NULL)
                printf("  declared, and called by no test: %s\n", json_string_value(operation));
        }
    }
}

void test_report_coverage(const struct policy *policy, const json_t *coverage, const json_t *called)
{
    size_t i;
    json_t *check;
    const json_t *permissions = json_object_get(policy->meta, "permissions");
    int width = id_width(policy);
    printf("  %-*s%11s%15s%9s%8s\n", width, "verdicts seen", verdict_status_name(STATUS_COMPLIANT),
           verdict_status_name(STATUS_NON_COMPLIANT), verdict_status_name(STATUS_UNKNOWN),
           verdict_remediation_name(REMEDIATION_FIXED));
    json_array_foreach (json_object_get(policy->meta, "checks"), i, check)
        print_check(check, coverage, width);
    print_uncalled(permissions, "read", called);
    print_uncalled(permissions, "write", called);
}

/* ---- JUnit ---- */

static void add_attribute(struct buf *out, const char *name, const char *text)
{
    buf_addf(out, " %s=\"", name);
    report_escape(out, text, strlen(text));
    buf_addc(out, '"');
}

static void add_test(struct buf *out, const json_t *result)
{
    size_t i;
    json_t *failure;
    const json_t *failures = json_object_get(result, "failures");
    buf_adds(out, "<testcase");
    add_attribute(out, "classname", json_get_string(result, "file", ""));
    add_attribute(out, "name", json_get_string(result, "name", ""));
    buf_adds(out, json_array_size(failures) > 0 ? ">" : "/>\n");
    if (json_array_size(failures) == 0)
        return;
    buf_adds(out, "<failure");
    add_attribute(out, "message", json_string_value(json_array_get(failures, 0)));
    buf_addc(out, '>');
    json_array_foreach (failures, i, failure) {
        report_escape(out, json_string_value(failure), json_string_length(failure));
        buf_addc(out, '\n');
    }
    buf_adds(out, "</failure></testcase>\n");
}

static size_t count_failed(const json_t *results)
{
    size_t i, failed = 0;
    json_t *result;
    json_array_foreach (results, i, result)
        failed += json_array_size(json_object_get(result, "failures")) > 0;
    return failed;
}

void test_report_junit(const json_t *results)
{
    struct buf out;
    size_t i;
    json_t *result;
    buf_init(&out, MAX_TEXT);
    buf_addf(&out,
             "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
             "<testsuite name=\"engine test\" tests=\"%zu\" failures=\"%zu\" errors=\"0\">\n",
             json_array_size(results), count_failed(results));
    json_array_foreach (results, i, result)
        add_test(&out, result);
    buf_adds(&out, "</testsuite>\n");
    fputs(buf_text(&out), stdout);
    buf_clear(&out);
}
