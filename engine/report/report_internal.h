/* report's own: what its formats share. */
#ifndef REPORT_REPORT_INTERNAL_H
#define REPORT_REPORT_INTERNAL_H

#include <stdint.h>

#include "base/buf.h"
#include "base/output.h"
#include "policy/finding.h"
#include "report/report.h"

#define REPORT_TEXT_MAX (16u << 20) /* of one finding, in any format */

/* What a finding counts as: its status, and of a non-compliant one what became of it. */
enum verdict {
    VERDICT_FAILED,
    VERDICT_UNKNOWN,
    VERDICT_PENDING,
    VERDICT_HELD,
    VERDICT_PLANNED,
    VERDICT_AVAILABLE,
    VERDICT_NONE,
    VERDICT_FIXED,
    VERDICT_EXEMPT,
    VERDICT_GONE,
    VERDICT_COMPLIANT,
    VERDICT_COUNT
};

struct report_totals {
    size_t resources, checks;
    size_t by_verdict[VERDICT_COUNT];
    size_t open_by_severity[5]; /* of what is left, by severity_rank */
    uint64_t last;              /* the last finding's resource: its checks come one after another */
};

struct report_format {
    void (*begin)(struct report *report); /* each may be NULL */
    void (*add)(struct report *report, const json_t *finding);
    void (*end)(struct report *report);
    bool all;   /* wants compliant findings whatever --all says */
    bool spool; /* writes `body` first and copies it behind what only the end knows */
};

struct report_progress {
    bool enabled, shown;
    int64_t last_ms;
};

struct report {
    const struct settings *settings;
    const struct report_format *format;
    FILE *out;
    FILE *body; /* of formats that spool */
    char *path; /* of --output; NULL: stdout */
    struct output *output;
    bool begun;
    int error;   /* errno of the first failure */
    bool colour; /* glyphs and colours */
    size_t width;
    struct report_totals totals;
    struct report_progress progress;
    json_t *kept;    /* findings, or whatever else the format keeps */
    json_t *missing; /* what it lacks: [{"kind","message","more": places besides}] */
    size_t written;
};

extern const struct report_format report_table, report_summary, report_jsonl, report_json,
    report_csv, report_html, report_sarif, report_junit, report_asff;

enum verdict verdict_of(const json_t *finding);
const char *verdict_word(enum verdict verdict); /* "without fix" */
/* 0 critical … 3 low; 4 for anything else. */
int severity_rank(const char *severity);
/* Why it is held, exempt, unknown or failed; "" when nothing more is to be said. Borrowed. */
const char *finding_why(const json_t *finding);
/* A value as text: compact JSON, a string without its quotes, nothing for null. */
void report_value(struct buf *out, const json_t *value);
/* SHA-256 of the finding's identity in hex. */
void report_fingerprint(const json_t *finding, char out[65]);

/* Appends text for XML and HTML, as content or within quotes. */
void report_escape(struct buf *out, const char *text, size_t length);
/* A new JSON string of at most `max` bytes, never cut within a character. */
json_t *report_cut(const char *text, size_t max);
/* One sentence for a machine's message: the summary, or the title, and why. */
void report_sentence(struct buf *out, const json_t *finding);

void totals_add(struct report_totals *totals, const json_t *finding);
void totals_add_compliant(struct report_totals *totals, uint64_t who, size_t count);
/* "14 resources · 31 checks: 5 fixed, 2 held" */
void totals_text(const struct report_totals *totals, struct buf *out);

/* Takes note of a finding that says that a place could not be listed. */
void missing_add_place(struct report *report, const json_t *finding);
/* An entry of report->missing as clean text. */
void missing_text(const json_t *entry, struct buf *out);
/* All of it, a line each, for those who read on a terminal. */
void missing_footer(struct report *report);

/* Writes go here; the first failure is kept for report_close. */
void report_write(struct report *report, const struct buf *text);
void report_puts(struct report *report, const char *text);
/* Writes `head`, then what was spooled; what is written from now on follows it. */
void report_unspool(struct report *report, const struct buf *head);
/* As compact JSON without any control character, C1 included. */
void report_write_json(struct report *report, const json_t *value, const char *end);

void progress_open(struct report *report);
void progress_clear(struct report *report);
void progress_close(struct report *report);

#endif
