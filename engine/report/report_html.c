#include "report/report_html.h"

#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "compliance/compliance.h"
#include "page_charts_js.h"
#include "page_data_js.h"
#include "page_diff_js.h"
#include "page_dom_js.h"
#include "page_filter_js.h"
#include "page_finding_js.h"
#include "page_findings_css.h"
#include "page_main_js.h"
#include "page_media_css.h"
#include "page_page_css.h"
#include "page_page_html.h"
#include "policy/verdict.h"
#include "report/report_escape.h"
#include "report/report_html_data.h"
#include "report/report_internal.h"
#include "report/report_missing.h"
#include "report/report_output.h"
#include "report/report_totals.h"
#include "scope/scope_text.h"

/* The script, in this order. The sizes are constants of the headers, which C does not take for
 * constant expressions: hence sizeof, less the byte that ends them. */
struct source {
    const unsigned char *bytes;
    size_t length;
};
#define SOURCE(bytes)                                                                              \
    {                                                                                              \
        bytes, sizeof(bytes) - 1                                                                   \
    }
static const struct source scripts[] = {
    SOURCE(page_data_js),    SOURCE(page_dom_js),    SOURCE(page_filter_js), SOURCE(page_diff_js),
    SOURCE(page_finding_js), SOURCE(page_charts_js), SOURCE(page_main_js),
};
static const struct source styles[] = {SOURCE(page_page_css), SOURCE(page_findings_css),
                                       SOURCE(page_media_css)};
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void add_sources(struct buf *out, const struct source *sources, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buf_add(out, sources[i].bytes, sources[i].length);
}

/* CSP Level 3, 2.3.1: what stands in an element is allowed by its hash. */
static void add_hash(struct buf *out, const struct source *sources, size_t count)
{
    unsigned char digest[SHA256_BYTES];
    struct digest_stream *stream = digest_stream_new();
    for (size_t i = 0; i < count; i++)
        digest_stream_add(stream, sources[i].bytes, sources[i].length);
    digest_stream_finish(stream, digest);
    buf_adds(out, "'sha256-");
    base64_encode(digest, sizeof digest, out);
    buf_adds(out, "'");
}

static void add_policy(const struct report *report, struct buf *out)
{
    (void)report;
    buf_adds(out, "default-src 'none'; script-src ");
    add_hash(out, scripts, COUNT(scripts));
    buf_adds(out, "; style-src ");
    add_hash(out, styles, COUNT(styles));
    buf_adds(out, "; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; "
                  "trusted-types 'none'");
}

static void add_style(const struct report *report, struct buf *out)
{
    (void)report;
    add_sources(out, styles, COUNT(styles));
}

static void add_script(const struct report *report, struct buf *out)
{
    (void)report;
    add_sources(out, scripts, COUNT(scripts));
}

static void add_when(const struct report *report, struct buf *out)
{
    char now[CLOCK_TEXT];
    clock_rfc3339(clock_stamp_ms(), now);
    buf_addf(out, "<time>%s</time>, engine %s", now, ENGINE_VERSION);
    if (report->scope != NULL)
        buf_adds(out, ", <a href=\"#scope\">scope of this run</a>");
}

static void add_banner(const struct report *report, struct buf *out)
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
        report_escape(out, buf_text(&text), text.len);
        buf_adds(out, "</li>\n");
        buf_clear(&text);
    }
    buf_adds(out, "</ul></div>\n");
}

static void add_row(struct buf *out, const char *label, const char *text)
{
    buf_adds(out, "<dt>");
    report_escape(out, label, strlen(label));
    buf_adds(out, "</dt><dd>");
    report_escape(out, text, strlen(text));
    buf_adds(out, "</dd>\n");
}

/* Not made by the script, so that it is there without one, and on paper. */
static void add_scope(const struct report *report, struct buf *out)
{
    size_t i;
    json_t *row;
    json_t *rows = report->scope != NULL ? scope_rows(report->scope, 0) : NULL;
    if (rows == NULL)
        return;
    buf_adds(out, "<section id=\"scope\" aria-labelledby=\"scope-title\">\n"
                  "<h2 id=\"scope-title\">Scope of this run</h2>\n<dl>\n");
    json_array_foreach (rows, i, row)
        add_row(out, json_string_value(json_array_get(row, 0)),
                json_string_value(json_array_get(row, 1)));
    buf_adds(out, "</dl>\n</section>\n");
    json_decref(rows);
}

static void add_count(struct buf *out, const char *class, size_t count, const char *word)
{
    if (count > 0)
        buf_addf(out, "<li class=\"%s\"><b>%zu</b> %s</li>\n", class, count, word);
}

/* Its counts include what is not listed: without --all, compliant findings. */
static void add_counts(const struct report *report, struct buf *out)
{
    const struct report_totals *totals = &report->totals;
    add_count(out, "all", totals->resources, totals->resources == 1 ? "resource" : "resources");
    add_count(out, "all", totals->checks, totals->checks == 1 ? "check" : "checks");
    for (int i = 0; i < TOTAL_COUNT; i++) {
        char class[8];
        snprintf(class, sizeof class, "r%d", i);
        add_count(out, class, totals->by_total[i], total_word((enum total)i));
    }
}

static void add_severities(const struct report *report, struct buf *out)
{
    static const char *const severities[] = {"critical", "high", "medium", "low", "other"};
    for (size_t i = 0; i < COUNT(severities); i++)
        add_count(out, severities[i], report->totals.open_by_severity[i], severities[i]);
}

static json_t *words(size_t count, const char *(*word)(size_t i))
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(word(i)));
    return list;
}

static const char *result_word(size_t i)
{
    return total_word((enum total)i);
}

static const char *mark_word(size_t i)
{
    return verdict_mark_name((enum verdict_mark)i);
}

/* What the script needs besides the findings. `left` results precede the others. */
static void add_report(const struct report *report, struct buf *out)
{
    json_t *data = json_object();
    json_object_set_new(data, "left", json_integer(TOTAL_FIXED));
    json_object_set_new(data, "results", words(TOTAL_COUNT, result_word));
    json_object_set_new(data, "marks", words(MARK_COUNT, mark_word));
    json_object_set_new(data, "baseline", json_boolean(report->settings->baseline != NULL));
    if (report->compliance != NULL)
        json_object_set_new(data, "compliance", compliance_result(report->compliance));
    json_object_set(data, "checks", (json_t *)(uintptr_t)html_data_checks(report->html));
    report_escape_json(out, data, JSON_FOR_PAGE);
    json_decref(data);
}

static const struct part {
    const char *name;
    void (*add)(const struct report *report, struct buf *out);
} parts[] = {
    {"policy", add_policy}, {"style", add_style},           {"script", add_script},
    {"when", add_when},     {"banner", add_banner},         {"counts", add_counts},
    {"report", add_report}, {"severities", add_severities}, {"scope", add_scope},
};

static void add_part(const struct report *report, struct buf *out, const char *name, size_t length)
{
    for (size_t i = 0; i < COUNT(parts); i++) {
        if (strlen(parts[i].name) == length && memcmp(parts[i].name, name, length) == 0)
            parts[i].add(report, out);
    }
}

/* Writes the frame from `text` to `end`. */
static void write_frame(struct report *report, const char *text, const char *end)
{
    struct buf out;
    const char *open;
    buf_init(&out, 4 * REPORT_TEXT_MAX);
    while ((open = strstr(text, "{{")) != NULL && open < end) {
        const char *name = open + 2, *close = strstr(name, "}}");
        buf_add(&out, text, (size_t)(open - text));
        add_part(report, &out, name, (size_t)(close - name));
        text = close + 2;
    }
    buf_add(&out, text, (size_t)(end - text));
    report_write(report, &out);
    buf_clear(&out);
}

/* Where the findings go. */
static const char *findings_at(void)
{
    return strstr((const char *)page_page_html, "{{findings}}");
}

static void html_begin(struct report *report)
{
    report->html = html_data_new();
    write_frame(report, (const char *)page_page_html, findings_at());
}

static void html_add(struct report *report, const json_t *finding)
{
    html_data_add(report->html, report, finding);
}

static void html_end(struct report *report)
{
    html_data_end(report->html, report);
    write_frame(report, findings_at(), (const char *)page_page_html + page_page_html_len);
}

const struct report_format report_html = {
    .begin = html_begin, .add = html_add, .end = html_end, .scope = true};
