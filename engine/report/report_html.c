#include "report/report_html.h"

#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/mem.h"
#include "policy/finding.h"
#include "policy/verdict.h"
#include "report/report_compliance.h"
#include "report/report_escape.h"
#include "report/report_internal.h"
#include "report/report_missing.h"
#include "report/report_output.h"
#include "report/report_totals.h"
#include "value/json.h"

static const char style[] =
    ":root{color-scheme:light dark;--line:#8884;--red:#c62828;--amber:#b26a00;--green:#2e7d32}"
    "@media(prefers-color-scheme:dark){:root{--red:#ff8a80;--amber:#ffcc80;--green:#a5d6a7}}"
    "body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:84rem;padding:0 1rem}"
    "h1{font-size:1.5rem;margin:0}p.when{margin:.2rem 0 1.2rem;opacity:.7}"
    "ul.cards{display:flex;flex-wrap:wrap;gap:.6rem;list-style:none;padding:0;margin:0 0 1rem}"
    "ul.cards li{border:1px solid var(--line);border-radius:.5rem;padding:.4rem .9rem}"
    "ul.cards b{font-size:1.4rem;display:block}"
    "input.f{position:absolute;opacity:0}"
    "label{border:1px solid var(--line);border-radius:1rem;padding:.15rem .8rem;cursor:pointer;"
    "display:inline-block;margin:0 .2rem .6rem 0}"
    "input.f:checked+label{background:#1565c0;color:#fff}"
    "input.f:focus-visible+label{outline:2px solid currentColor}"
    "#f-open:checked~table tbody:not(.open),#f-unsure:checked~table tbody:not(.unsure),"
    "#f-fixed:checked~table tbody:not(.fixed),#f-exempt:checked~table tbody:not(.exempt),"
    "#f-good:checked~table tbody:not(.good){display:none}"
    "table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;vertical-align:top;padding:.45rem .6rem;"
    "border-bottom:1px solid var(--line)}"
    "th{font-size:.8rem;opacity:.7}td.id,pre{overflow-wrap:anywhere;font-family:monospace}"
    "pre{white-space:pre-wrap;margin:.3rem 0}"
    ".critical,.high,.open .v{color:var(--red)}.critical{font-weight:700}"
    ".medium,.unsure .v{color:var(--amber)}.fixed .v,.good .v{color:var(--green)}"
    ".missing{border:2px solid var(--red);border-radius:.5rem;padding:.4rem .9rem;"
    "margin:0 0 1rem;overflow-wrap:anywhere}.missing ul{margin:.2rem 0}"
    "@media print{input.f,label{display:none}}";

/* The group of a row, for the filter. */
static const char *group_of(enum total total)
{
    switch (total) {
    case TOTAL_COMPLIANT:
    case TOTAL_GONE: return "good";
    case TOTAL_FIXED: return "fixed";
    case TOTAL_EXEMPT: return "exempt";
    case TOTAL_UNKNOWN:
    case TOTAL_PENDING: return "unsure";
    default: return "open";
    }
}

static void add_text(struct buf *out, const char *text)
{
    report_escape(out, text, strlen(text));
}

static void add_cell(struct buf *out, const char *class, const char *text)
{
    buf_adds(out, "<td");
    if (class[0] != '\0')
        buf_addf(out, " class=\"%s\"", class);
    buf_adds(out, ">");
    add_text(out, text);
    buf_adds(out, "</td>");
}

/* A complete value, indented, in a section that can be opened. */
static void add_fold(struct buf *out, const char *title, const json_t *value)
{
    if (value == NULL || json_is_null(value))
        return;
    char *text = json_dumps(value, JSON_INDENT(2) | JSON_ENCODE_ANY);
    if (text == NULL) /* bytes that are not UTF-8: json_text replaces them */
        text = json_text(value);
    buf_addf(out, "<details><summary>%s</summary><pre>", title);
    add_text(out, text);
    buf_adds(out, "</pre></details>");
    mem_free(text);
}

/* What the check says about itself, in a section that can be opened. */
static void add_check_fields(struct buf *out, const json_t *finding)
{
    static const char *const names[] = {"Risk", "By hand", "See", "Impact of the repair", "Repair"};
    bool open = false;
    for (size_t i = 0; finding_check_fields[i] != NULL; i++) {
        const char *text = finding_get(finding, finding_check_fields[i]);
        if (text[0] == '\0')
            continue;
        buf_adds(out, open ? "" : "<details><summary>About this check</summary><dl>");
        open = true;
        buf_addf(out, "<dt>%s</dt><dd>", names[i]);
        add_text(out, text);
        buf_adds(out, "</dd>");
    }
    buf_adds(out, open ? "</dl></details>" : "");
}

static void add_finding_cell(struct buf *out, const json_t *finding)
{
    const char *summary = finding_get(finding, "summary");
    const char *why = finding_why(finding);
    buf_adds(out, "<td><strong>");
    add_text(out, finding_get(finding, "title"));
    buf_adds(out, "</strong><br>");
    add_text(out, summary);
    if (why[0] != '\0' && strcmp(why, summary) != 0) {
        buf_adds(out, "<br><em>");
        add_text(out, why);
        buf_adds(out, "</em>");
    }
    add_check_fields(out, finding);
    add_fold(out, "Evidence", json_object_get(finding, "evidence"));
    add_fold(out, "Calls", json_object_get(finding, "steps"));
    add_fold(out, "Exception", json_object_get(finding, "exemption"));
    add_fold(out, "Exceptions asked", json_object_get(finding, "explain"));
    add_fold(out, "Error", json_object_get(finding, "error"));
    buf_adds(out, "</td>");
}

static const char *severity_class(const char *severity)
{
    static const char *const classes[] = {"critical", "high", "medium", "low", ""};
    return classes[severity_rank(severity)];
}

static void add_verdict(struct buf *out, const json_t *finding)
{
    enum verdict_mark mark = verdict_mark(finding);
    buf_addf(out, "<td class=\"v\">%s", total_word(total_of(finding)));
    if (mark != MARK_NONE)
        buf_addf(out, "<br><em>%s</em>", verdict_mark_name(mark));
    buf_adds(out, "</td>");
}

static void html_add(struct report *report, const json_t *finding)
{
    struct buf out;
    enum total total = total_of(finding);
    const char *severity = finding_get(finding, "severity");
    buf_init(&out, 8 * REPORT_TEXT_MAX);
    buf_addf(&out, "<tbody class=\"%s\"><tr>", group_of(total));
    add_verdict(&out, finding);
    add_cell(&out, severity_class(severity), severity);
    add_cell(&out, "", finding_get(finding, "check"));
    add_cell(&out, "id", finding_get(finding, "id"));
    buf_adds(&out, "<td>");
    add_text(&out, finding_get(finding, "account"));
    buf_adds(&out, "<br>");
    add_text(&out, finding_get(finding, "region"));
    buf_adds(&out, "</td>");
    add_finding_cell(&out, finding);
    buf_adds(&out, "</tr></tbody>\n");
    report_write(report, &out);
    buf_clear(&out);
}

/* CSP Level 3: the policy names the only style sheet of the page by its hash. */
static void add_head(struct buf *out)
{
    unsigned char digest[SHA256_BYTES];
    digest_sha256(style, sizeof style - 1, digest);
    buf_adds(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                  "style-src 'sha256-");
    base64_encode(digest, sizeof digest, out);
    buf_addf(out,
             "'\">\n<meta name=\"viewport\" content=\"width=device-width\">\n"
             "<title>AWS audit</title>\n<style>%s</style></head><body>\n",
             style);
}

static void add_card(struct buf *out, const char *class, size_t count, const char *word)
{
    if (count > 0)
        buf_addf(out, "<li class=\"%s\"><b>%zu</b>%s</li>\n", class, count, word);
}

static void add_summary(struct buf *out, const struct report_totals *totals)
{
    static const char *const severities[] = {"critical", "high", "medium", "low", "other"};
    char now[CLOCK_TEXT];
    clock_rfc3339(clock_stamp_ms(), now);
    buf_addf(out, "<h1>AWS audit</h1><p class=\"when\">%s, engine %s</p>\n<ul class=\"cards\">\n",
             now, ENGINE_VERSION);
    add_card(out, "low", totals->resources, "resources");
    add_card(out, "low", totals->checks, "checks");
    for (int i = 0; i < TOTAL_COUNT; i++)
        add_card(out, group_of((enum total)i), totals->by_total[i], total_word((enum total)i));
    buf_adds(out, "</ul>\n<p>Left to do, by severity:</p><ul class=\"cards\">\n");
    for (size_t i = 0; i < 5; i++)
        add_card(out, severities[i], totals->open_by_severity[i], severities[i]);
    buf_adds(out, "</ul>\n");
}

static void add_banner(struct buf *out, const struct report *report)
{
    size_t i;
    json_t *entry;
    if (json_array_size(report->missing) == 0)
        return;
    buf_adds(out, "<div class=\"missing\" role=\"alert\"><strong>This report is incomplete."
                  "</strong><ul>\n");
    json_array_foreach (report->missing, i, entry) {
        struct buf text;
        buf_init(&text, REPORT_TEXT_MAX);
        missing_text(entry, &text);
        buf_adds(out, "<li>");
        add_text(out, buf_text(&text));
        buf_adds(out, "</li>\n");
        buf_clear(&text);
    }
    buf_adds(out, "</ul></div>\n");
}

static void add_filter(struct buf *out)
{
    static const char *const filters[][2] = {
        {"all", "All"},     {"open", "To do"},    {"unsure", "Not known"},
        {"fixed", "Fixed"}, {"exempt", "Exempt"}, {"good", "Compliant"},
    };
    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++)
        buf_addf(out,
                 "<input class=\"f\" type=\"radio\" name=\"f\" id=\"f-%s\"%s>"
                 "<label for=\"f-%s\">%s</label>\n",
                 filters[i][0], i == 0 ? " checked" : "", filters[i][0], filters[i][1]);
}

static void html_end(struct report *report)
{
    struct buf head;
    buf_init(&head, REPORT_TEXT_MAX);
    add_head(&head);
    add_banner(&head, report);
    add_summary(&head, &report->totals);
    report_compliance_html(report, &head);
    add_filter(&head);
    buf_adds(&head, "<table><thead><tr><th>Result</th><th>Severity</th><th>Check</th>"
                    "<th>Resource</th><th>Account, region</th><th>Finding</th></tr></thead>\n");
    report_unspool(report, &head);
    report_puts(report, "</table></body></html>\n");
    buf_clear(&head);
}

const struct report_format report_html = {.add = html_add, .end = html_end, .spool = true};
