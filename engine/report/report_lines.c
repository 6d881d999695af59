#include "report/report_lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean_text.h"
#include "base/mem.h"
#include "base/report_text.h"
#include "compliance/compliance.h"
#include "policy/finding.h"
#include "report/report_escape.h"
#include "report/report_internal.h"
#include "report/report_missing.h"
#include "report/report_output.h"
#include "report/report_totals.h"
#include "scope/scope_text.h"
#include "value/json.h"

#define MOST_NAMES 20        /* in a list of the scope, for people */
#define LINE_KEPT (1u << 20) /* bytes of memory for the next line */

void report_write_json(struct report *report, const json_t *value, const char *end)
{
    struct buf *text = &report->line;
    report_escape_json(text, value, JSON_FOR_TEXT);
    buf_adds(text, end);
    report_write(report, text);
    if (text->cap > LINE_KEPT)
        buf_clear(text);
    else
        buf_reset(text);
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
        report_write_json(report, result, "");
        json_decref(result);
        if (report->scope != NULL) {
            report_puts(report, ",\n\"scope\":");
            report_write_json(report, report->scope, "");
        }
        report_puts(report, "}");
    }
    report_puts(report, "\n");
}

const struct report_format report_json = {
    .begin = json_begin, .add = json_add, .end = json_end, .scope = true};

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

/* ---- markdown, for comments on GitHub and GitLab ---- */

static size_t longest_run(const char *text, char of)
{
    size_t longest = 0;
    for (const char *at = strchr(text, of); at != NULL; at = strchr(at, of)) {
        size_t run = 0;
        while (at[run] == of)
            run++;
        longest = run > longest ? run : longest;
        at += run;
    }
    return longest;
}

static void md_fence(struct buf *out, size_t count)
{
    while (count-- > 0)
        buf_addc(out, '`');
}

/* Text from outside stands in code, where nothing is markup, a link or a mention. CommonMark 0.31,
 * "Code spans": the fence is longer than any run of backticks inside. */
static void md_code(struct buf *out, const char *text)
{
    struct buf clean;
    if (text[0] == '\0') /* there is no empty code span */
        return;
    buf_init(&clean, REPORT_TEXT_MAX);
    text_clean(&clean, text, strlen(text));
    size_t fence = longest_run(buf_text(&clean), '`') + 1;
    md_fence(out, fence);
    buf_addf(out, fence > 1 ? " %s " : "%s", buf_text(&clean));
    md_fence(out, fence);
    out->failed |= clean.failed;
    buf_clear(&clean);
}

/* Sentences of a policy: each character that could be markup is escaped; at the beginning also
 * those that begin a list, an underline or a command (GitLab, "Quick actions"). */
static void md_text(struct buf *out, const char *text)
{
    struct buf clean;
    const char *special = "\\`*_[]<>&#|~!@$/-+=";
    buf_init(&clean, REPORT_TEXT_MAX);
    text_clean(&clean, text, strlen(text));
    for (const char *c = buf_text(&clean); *c != '\0'; c++) {
        if (strchr(special, *c) != NULL)
            buf_addc(out, '\\');
        special = "\\`*_[]<>&#|~!@$";
        buf_addc(out, *c);
    }
    out->failed |= clean.failed;
    buf_clear(&clean);
}

static void md_item(struct buf *out, const char *label, const char *text)
{
    if (text[0] == '\0')
        return;
    buf_addf(out, "%s: ", label);
    md_code(out, text);
    buf_adds(out, "  \n");
}

static void md_json(struct buf *out, const json_t *value)
{
    struct buf clean;
    char *text = json_dumps(value, JSON_INDENT(2) | JSON_ENCODE_ANY);
    buf_init(&clean, REPORT_TEXT_MAX);
    text_legible(&clean, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
    size_t fence = longest_run(buf_text(&clean), '`') + 1;
    fence = fence < 3 ? 3 : fence;
    md_fence(out, fence);
    buf_addf(out, "json\n%s\n", buf_text(&clean));
    md_fence(out, fence);
    buf_addc(out, '\n');
    out->failed |= clean.failed;
    buf_clear(&clean);
    mem_free(text);
}

static void md_step(struct buf *out, const json_t *step)
{
    const json_t *undo = json_object_get(step, "undo");
    buf_addc(out, '\n');
    md_item(out, "Call", json_get_string(step, "call", ""));
    md_item(out, "Cannot be undone", json_get_string(step, "irreversible", ""));
    md_item(out, "Undone by", json_get_string(undo, "call", ""));
    buf_addc(out, '\n');
    md_json(out, json_object_get(step, "with"));
}

static void md_repair(struct buf *out, const json_t *finding)
{
    const char *impact = finding_get(finding, "impact");
    if (finding_get(finding, "repair")[0] == '\0')
        return;
    buf_adds(out, "\n**Repair**");
    if (impact[0] != '\0') {
        buf_adds(out, " (impact: ");
        md_text(out, impact);
        buf_addc(out, ')');
    }
    buf_adds(out, ": ");
    md_text(out, finding_get(finding, "repair"));
    buf_addc(out, '\n');
}

static void md_head(struct buf *out, const json_t *finding)
{
    buf_adds(out, "### ");
    md_text(out, finding_get(finding, "severity"));
    buf_adds(out, ": ");
    md_code(out, finding_get(finding, "check"));
    buf_adds(out, " on ");
    md_code(out, finding_get(finding, "id"));
    buf_adds(out, "\n\n");
    md_text(out, finding_get(finding, "title"));
    buf_adds(out, "  \n");
    md_item(out, "Account", finding_get(finding, "account"));
    md_item(out, "Region", finding_get(finding, "region"));
}

static void markdown_add(struct report *report, const json_t *finding)
{
    size_t i;
    json_t *step;
    struct buf out;
    enum total total = total_of(finding);
    const json_t *exemption = json_object_get(finding, "exemption");
    bool repairs = total == TOTAL_PLANNED || total == TOTAL_AVAILABLE;
    buf_init(&out, 8 * REPORT_TEXT_MAX);
    md_head(&out, finding);
    md_item(&out, "Result", total_word(total));
    md_item(&out, "Since the baseline", finding_get(finding, "baseline"));
    md_item(&out, "Finding", finding_get(finding, "summary"));
    if (strstr(finding_get(finding, "summary"), finding_why(finding)) == NULL)
        md_item(&out, total == TOTAL_EXEMPT ? "Exempt because" : "Why", finding_why(finding));
    md_item(&out, "Exemption's owner", json_get_string(exemption, "owner", ""));
    md_item(&out, "Exempt until", json_get_string(exemption, "expires", ""));
    md_item(&out, "Exempt by", json_get_string(exemption, "rule", ""));
    md_item(&out, "Repaired together with", finding_get(finding, "covered_by"));
    if (repairs)
        md_repair(&out, finding);
    json_array_foreach (total == TOTAL_PLANNED ? json_object_get(finding, "steps") : NULL, i, step)
        md_step(&out, step);
    buf_addc(&out, '\n');
    report_write(report, &out);
    buf_clear(&out);
}

static void md_scope(struct buf *out, const struct report *report)
{
    size_t i;
    json_t *row;
    json_t *rows = scope_rows(report->scope, MOST_NAMES);
    buf_adds(out, "\n### Scope of this run\n\n");
    json_array_foreach (rows, i, row)
        md_item(out, json_string_value(json_array_get(row, 0)),
                json_string_value(json_array_get(row, 1)));
    json_decref(rows);
}

static void markdown_end(struct report *report)
{
    size_t i;
    json_t *entry;
    struct buf out;
    buf_init(&out, 8 * REPORT_TEXT_MAX);
    buf_adds(&out, "---\n\n");
    json_array_foreach (report->missing, i, entry) {
        struct buf text;
        buf_init(&text, REPORT_TEXT_MAX);
        missing_text(entry, &text);
        md_item(&out, "**Incomplete**", buf_text(&text));
        buf_clear(&text);
    }
    totals_text(&report->totals, &out);
    buf_addc(&out, '\n');
    if (report->scope != NULL)
        md_scope(&out, report);
    report_write(report, &out);
    buf_clear(&out);
}

const struct report_format report_markdown = {
    .add = markdown_add, .end = markdown_end, .scope = true, .sums = true};
