#include "report/report_lines.h"

#include <errno.h>
#include <string.h>

#include "base/report_text.h"
#include "compliance/compliance.h"
#include "report/report_escape.h"
#include "report/report_internal.h"
#include "report/report_output.h"
#include "report/report_totals.h"
#include "value/json.h"

void report_write_json(struct report *report, const json_t *value, const char *end)
{
    struct buf text;
    buf_init(&text, 2 * REPORT_TEXT_MAX);
    report_escape_json(&text, value, JSON_FOR_TEXT);
    buf_adds(&text, end);
    report_write(report, &text);
    buf_clear(&text);
}

/* The reader of a pipe sees each finding as soon as it is made. */
static void jsonl_add(struct report *report, const json_t *finding)
{
    report_write_json(report, finding, "\n");
    if (fflush(report->out) != 0 && report->error == 0)
        report->error = errno;
}

const struct report_format report_jsonl = {.add = jsonl_add};

/* With a framework, the document is an object: its results are known only at the end. */
static void json_begin(struct report *report)
{
    report_puts(report, report->compliance != NULL ? "{\"findings\":[" : "[");
}

static void json_add(struct report *report, const json_t *finding)
{
    report_puts(report, report->written > 0 ? ",\n" : "\n");
    report_write_json(report, finding, "");
}

static void json_end(struct report *report)
{
    report_puts(report, report->written > 0 ? "\n]" : "]");
    if (report->compliance != NULL) {
        json_t *result = compliance_result(report->compliance);
        report_puts(report, ",\n\"compliance\":");
        report_write_json(report, result, "}");
        json_decref(result);
    }
    report_puts(report, "\n");
}

const struct report_format report_json = {.begin = json_begin, .add = json_add, .end = json_end};

static const char *const csv_columns[] = {
    "account",   "region", "type",        "id",       "check",    "title",
    "severity",  "status", "remediation", "summary",  "evidence", "held",
    "exemption", "error",  "steps",       "controls", "time",     "baseline"};
#define CSV_COLUMNS (sizeof csv_columns / sizeof csv_columns[0])

/* RFC 4180; a spreadsheet interprets a field with such a beginning as a formula (OWASP, "CSV
 * Injection"). */
static void csv_field(struct buf *out, const char *text, size_t length)
{
    bool formula = length > 0 && memchr("=+-@\t\r", text[0], 6) != NULL;
    buf_addc(out, '"');
    if (formula)
        buf_addc(out, '\'');
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '"')
            buf_addc(out, '"');
        buf_addc(out, text[i]);
    }
    buf_addc(out, '"');
}

static void csv_value(struct buf *out, const json_t *value)
{
    struct buf text, legible;
    buf_init(&text, REPORT_TEXT_MAX);
    buf_init(&legible, REPORT_TEXT_MAX);
    report_value(&text, value);
    text_legible(&legible, buf_text(&text), text.len);
    csv_field(out, buf_text(&legible), legible.len);
    out->failed = out->failed || text.failed || legible.failed;
    buf_clear(&text);
    buf_clear(&legible);
}

static void csv_begin(struct report *report)
{
    for (size_t i = 0; i < CSV_COLUMNS; i++) {
        report_puts(report, i > 0 ? "," : "");
        report_puts(report, csv_columns[i]);
    }
    report_puts(report, "\r\n");
}

static void csv_add(struct report *report, const json_t *finding)
{
    struct buf row;
    buf_init(&row, 4 * REPORT_TEXT_MAX);
    for (size_t i = 0; i < CSV_COLUMNS; i++) {
        buf_adds(&row, i > 0 ? "," : "");
        csv_value(&row, json_object_get(finding, csv_columns[i]));
    }
    buf_adds(&row, "\r\n");
    report_write(report, &row);
    buf_clear(&row);
}

const struct report_format report_csv = {.begin = csv_begin, .add = csv_add};
