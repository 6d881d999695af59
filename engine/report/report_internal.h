/* The layout of a report and of a format, only for the files of this room: report calls a format,
 * and each format (report_table, report_html, …) writes through report_output. */
#ifndef REPORT_REPORT_INTERNAL_H
#define REPORT_REPORT_INTERNAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/output.h"
#include "report/report.h"
#include "report/report_progress.h"
#include "report/report_totals.h"
#include "settings/settings.h"

#define REPORT_TEXT_MAX (16u << 20) /* of one finding, in any format */

struct html_data;
struct table_batch;

struct report_format {
    void (*begin)(struct report *report); /* each may be NULL */
    void (*add)(struct report *report, const json_t *finding);
    void (*end)(struct report *report);
    bool all;   /* includes compliant findings even without --all */
    bool left;  /* without --all, includes only findings that are left: none that was resolved */
    bool scope; /* has a place for the record of the run's scope */
    bool sums;  /* shows the totals itself */
    bool spool; /* writes `body` first, and copies it after the text that only the end knows */
};

struct report {
    const struct settings *settings;
    const struct report_format *format;
    FILE *out;
    FILE *body;      /* for formats that spool */
    struct buf line; /* what is written next, by some formats */
    char *path;      /* of --output; NULL: stdout */
    struct output *output;
    bool stored; /* --output is s3://…: `out` is a temporary file until the end */
    const struct report_store *store;
    struct err failure; /* of the store */
    bool started;
    int error;   /* errno of the first failure */
    bool colour; /* glyphs and colours */
    size_t width;
    struct report_totals totals;
    struct report_progress progress;
    json_t *kept;    /* findings, or other data that the format keeps */
    json_t *scope;   /* the record of the run's scope; NULL: none */
    json_t *missing; /* what is missing: [{"kind","message","more": number of further targets}] */
    size_t written;
    struct compliance *compliance; /* NULL: no framework */
    struct html_data *html;        /* findings of the HTML page */
    struct table_batch *batch;     /* findings of the table */
};

#endif
