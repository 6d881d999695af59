#include "report/report_junit.h"

#include <string.h>

#include "base/mem.h"
#include "policy/finding.h"
#include "report/report_escape.h"
#include "report/report_internal.h"
#include "report/report_output.h"
#include "report/report_totals.h"
#include "scope/scope_text.h"
#include "value/json.h"

static void add_attribute(struct buf *out, const char *name, const char *text)
{
    buf_addf(out, " %s=\"", name);
    report_escape(out, text, strlen(text));
    buf_addc(out, '"');
}

static void add_name(struct buf *out, const json_t *finding)
{
    static const char *const keys[] = {"account", "region", "type", "id"};
    buf_adds(out, " name=\"");
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const char *text = finding_get(finding, keys[i]);
        buf_adds(out, i > 0 ? "/" : "");
        report_escape(out, text, strlen(text));
    }
    buf_addc(out, '"');
}

static const char *element_of(enum total total)
{
    switch (total) {
    case TOTAL_COMPLIANT:
    case TOTAL_FIXED: return NULL;
    case TOTAL_EXEMPT:
    case TOTAL_GONE: return "skipped";
    case TOTAL_UNKNOWN:
    case TOTAL_PENDING:
    case TOTAL_FAILED: return "error";
    default: return "failure";
    }
}

/* A finding that is not compliant: one element, with the evidence as its content. */
static void add_problem(struct buf *out, const json_t *finding, const char *element)
{
    struct buf text;
    buf_init(&text, REPORT_TEXT_MAX);
    report_sentence(&text, finding);
    buf_addf(out, "<%s", element);
    add_attribute(out, "message", buf_text(&text));
    if (strcmp(element, "skipped") == 0) { /* this element has neither type nor content */
        buf_adds(out, "/>");
    } else {
        buf_reset(&text);
        add_attribute(out, "type", finding_get(finding, "severity"));
        report_value(&text, json_object_get(finding, "evidence"));
        buf_addc(out, '>');
        report_escape(out, buf_text(&text), text.len);
        buf_addf(out, "</%s>", element);
    }
    buf_clear(&text);
}

static void junit_add(struct report *report, const json_t *finding)
{
    struct buf out;
    enum total total = total_of(finding);
    const char *element = element_of(total);
    buf_init(&out, 8 * REPORT_TEXT_MAX);
    buf_adds(&out, "<testcase");
    add_attribute(&out, "classname", finding_get(finding, "check"));
    add_name(&out, finding);
    buf_addc(&out, '>');
    if (element != NULL)
        add_problem(&out, finding, element);
    else if (total == TOTAL_FIXED)
        buf_adds(&out, "<system-out>found non-compliant, and fixed</system-out>");
    buf_adds(&out, "</testcase>\n");
    report_write(report, &out);
    buf_clear(&out);
}

/* The record of the scope, and what it says to people. */
static void add_properties(struct buf *out, const json_t *scope)
{
    size_t i;
    json_t *row;
    char *text = json_text(scope);
    json_t *rows = scope_rows(scope, 0);
    buf_adds(out, "<properties>\n<property name=\"scope\"");
    add_attribute(out, "value", text);
    buf_adds(out, "/>\n");
    json_array_foreach (rows, i, row) {
        buf_adds(out, "<property");
        add_attribute(out, "name", json_string_value(json_array_get(row, 0)));
        add_attribute(out, "value", json_string_value(json_array_get(row, 1)));
        buf_adds(out, "/>\n");
    }
    buf_adds(out, "</properties>\n");
    json_decref(rows);
    mem_free(text);
}

static void junit_end(struct report *report)
{
    size_t failures = 0, errors = 0, skipped = 0;
    struct buf head;
    for (int i = 0; i < TOTAL_COUNT; i++) {
        const char *element = element_of((enum total)i);
        size_t count = report->totals.by_total[i];
        if (element == NULL)
            continue;
        failures += strcmp(element, "failure") == 0 ? count : 0;
        errors += strcmp(element, "error") == 0 ? count : 0;
        skipped += strcmp(element, "skipped") == 0 ? count : 0;
    }
    buf_init(&head, REPORT_TEXT_MAX);
    buf_addf(&head,
             "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"engine\" "
             "tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\">\n",
             report->totals.checks, failures, errors, skipped);
    if (report->scope != NULL)
        add_properties(&head, report->scope);
    report_unspool(report, &head);
    report_puts(report, "</testsuite>\n</testsuites>\n");
    buf_clear(&head);
}

const struct report_format report_junit = {
    .add = junit_add, .end = junit_end, .all = true, .spool = true, .scope = true};
