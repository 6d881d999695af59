#include "report/report.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/spool.h"
#include "base/terminal.h"
#include "compliance/compliance.h"
#include "policy/finding.h"
#include "policy/verdict.h"
#include "report/report_asff.h"
#include "report/report_html.h"
#include "report/report_html_data.h"
#include "report/report_internal.h"
#include "report/report_junit.h"
#include "report/report_lines.h"
#include "report/report_missing.h"
#include "report/report_ocsf.h"
#include "report/report_progress.h"
#include "report/report_sarif.h"
#include "report/report_summary.h"
#include "report/report_table.h"
#include "report/report_totals.h"
#include "value/s3_url.h"

static const struct report_format *format_of(enum settings_format format)
{
    static const struct report_format *const formats[] = {
        [FORMAT_TABLE] = &report_table,       [FORMAT_SUMMARY] = &report_summary,
        [FORMAT_JSONL] = &report_jsonl,       [FORMAT_JSON] = &report_json,
        [FORMAT_CSV] = &report_csv,           [FORMAT_HTML] = &report_html,
        [FORMAT_SARIF] = &report_sarif,       [FORMAT_JUNIT] = &report_junit,
        [FORMAT_ASFF] = &report_asff,         [FORMAT_OCSF] = &report_ocsf,
        [FORMAT_MARKDOWN] = &report_markdown,
    };
    return formats[format];
}

/* The report is written to a temporary file first: S3 must know the length. */
static int open_stored(struct report *report, struct err *err)
{
    struct s3_url url;
    if (s3_url_parse(report->path, &url, err) != 0)
        return err_prefix(err, "--output");
    int fd = spool_open(err);
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (out == NULL)
        return -1;
    report->out = out;
    report->stored = true;
    return 0;
}

static int open_output(struct report *report, struct err *err)
{
    report->out = stdout;
    if (report->path == NULL)
        return 0;
    if (s3_url_is(report->path))
        return open_stored(report, err);
    report->output = output_open(report->path, err);
    if (report->output == NULL)
        return err_prefix(err, "--output");
    report->out = output_file(report->output);
    return 0;
}

static int open_body(struct report *report, struct err *err)
{
    if (!report->format->spool)
        return 0;
    int fd = spool_open(err);
    report->body = fd >= 0 ? fdopen(fd, "w+") : NULL;
    return report->body != NULL ? 0 : -1;
}

static void close_stored(struct report *report, bool keep)
{
    const struct report_store *store = report->store;
    if (keep && report->error == 0)
        store->put(store->self, report->path, fileno(report->out), &report->failure);
    fclose(report->out);
}

/* Closes everything; discards the output unless `keep`. */
static void dispose(struct report *report, bool keep)
{
    if (report->body != NULL)
        fclose(report->body);
    if (report->stored)
        close_stored(report, keep);
    if (report->output == NULL)
        return;
    int error = output_close(report->output, keep && report->error == 0);
    if (report->error == 0)
        report->error = error;
}

static void free_report(struct report *report)
{
    json_decref(report->kept);
    json_decref(report->missing);
    json_decref(report->scope);
    buf_clear(&report->line);
    html_data_free(report->html);
    table_batch_free(report->batch);
    mem_free(report->path);
    mem_free(report);
}

struct report *report_open(const struct settings *settings, struct err *err)
{
    struct report *report = mem_alloc(sizeof *report);
    report->settings = settings;
    report->format = format_of(settings->format);
    report->path = mem_strdup(settings->output);
    report->kept = json_array();
    buf_init(&report->line, 2 * REPORT_TEXT_MAX);
    report->missing = json_array();
    if (open_output(report, err) != 0 || open_body(report, err) != 0) {
        dispose(report, false);
        free_report(report);
        return NULL;
    }
    terminal_look(report->out, &report->colour, &report->width);
    progress_open(report);
    return report;
}

static bool shows_compliant(const struct report *report)
{
    return report->settings->all || report->format->all;
}

/* A resolved finding is news, also without --all, except to a reader that takes every finding for a
 * problem. */
static bool shows(const struct report *report, const json_t *finding)
{
    enum total total = total_of(finding);
    bool resolved = verdict_mark(finding) == MARK_RESOLVED;
    if (shows_compliant(report))
        return true;
    if (report->format->left)
        return !resolved && total != TOTAL_COMPLIANT && total != TOTAL_FIXED && total != TOTAL_GONE;
    return resolved || total != TOTAL_COMPLIANT;
}

void report_set_compliance(struct report *report, struct compliance *compliance)
{
    report->compliance = compliance;
}

void report_set_store(struct report *report, const struct report_store *store)
{
    report->store = store;
}

bool report_counts_compliant(const struct report *report)
{
    return !shows_compliant(report) && report->settings->baseline == NULL &&
           report->compliance == NULL;
}

void report_add_compliant(struct report *report, uint64_t who, size_t count)
{
    totals_add_compliant(&report->totals, who, count);
}

/* Called with the first finding or at the end, so that a discarded report leaves nothing on
 * stdout. */
static void begin(struct report *report)
{
    if (!report->started && report->format->begin != NULL)
        report->format->begin(report);
    report->started = true;
}

void report_add(struct report *report, const json_t *finding)
{
    totals_add(&report->totals, finding);
    missing_add(report, finding);
    if (report->compliance != NULL)
        compliance_count(report->compliance, finding);
    if (!shows(report, finding))
        return;
    progress_clear(report);
    begin(report);
    report->format->add(report, finding);
    report->written++;
}

void report_missing(struct report *report, const char *kind, const char *message)
{
    json_t *finding = finding_incomplete(kind, message);
    report_add(report, finding);
    json_decref(finding);
}

bool report_shows_scope(const struct report *report)
{
    return report->format->scope && (report->format != &report_json || report->compliance != NULL);
}

void report_count_scope(const struct report *report, json_t *scope)
{
    json_object_set_new(scope, "results", totals_json(&report->totals));
    json_object_set_new(scope, "complete", json_boolean(json_array_size(report->missing) == 0));
}

void report_set_scope(struct report *report, json_t *scope)
{
    json_decref(report->scope);
    report->scope = json_incref(scope);
}

const struct report_totals *report_counts(const struct report *report)
{
    return &report->totals;
}

static void write_totals(struct report *report)
{
    if (report->settings->quiet || report->format->sums || isatty(STDERR_FILENO) != 1)
        return;
    struct buf text;
    buf_init(&text, 4096);
    totals_text(&report->totals, &text);
    fprintf(stderr, "%s\n", buf_text(&text));
    buf_clear(&text);
}

int report_close(struct report *report, struct err *err)
{
    progress_close(report);
    begin(report);
    if (report->format->end != NULL)
        report->format->end(report);
    if (fflush(report->out) != 0 && report->error == 0)
        report->error = errno;
    dispose(report, true);
    write_totals(report);
    int error = report->error;
    const char *where = report->path != NULL ? report->path : "standard output";
    if (error != 0)
        err_set(err, ERR_IO, "the report could not be written to %s: %s", where, strerror(error));
    bool unstored = error == 0 && report->failure.kind != ERR_NONE;
    if (unstored)
        *err = report->failure;
    free_report(report);
    return error != 0 || unstored ? -1 : 0;
}

void report_drop(struct report *report)
{
    if (report == NULL)
        return;
    progress_close(report);
    dispose(report, false);
    free_report(report);
}

void report_abandon(struct report *report)
{
    if (report->output != NULL)
        output_abandon(report->output);
}
