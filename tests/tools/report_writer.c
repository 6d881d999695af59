/* report_writer [MISSING]: reads findings, one JSON object a line, and writes the HTML page of a
 * run that made them to stdout. MISSING says why the run is incomplete. A finding with a mark makes
 * it a comparison with a baseline. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "policy/verdict.h"
#include "report/report.h"
#include "settings/settings.h"
#include "value/json.h"

static int fail(const char *message)
{
    fprintf(stderr, "report_writer: %s\n", message);
    return 1;
}

static char baseline[] = "baseline";

static int add_lines(struct settings *settings, struct report *report)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t length;
    int status = 0;
    while (status == 0 && (length = getline(&line, &size, stdin)) > 0) {
        struct err err = {0};
        json_t *finding = json_parse_line(line, (size_t)length, &err);
        if (finding == NULL) {
            status = fail(err.message);
            continue;
        }
        if (verdict_mark(finding) != MARK_NONE)
            settings->baseline = baseline;
        report_add(report, finding);
        json_decref(finding);
    }
    free(line);
    return status;
}

int main(int argc, char **argv)
{
    struct err err = {0};
    mem_install();
    clock_stop_stamp(1795435200000); /* 2026-11-23T12:00:00Z */
    struct settings settings = {.format = FORMAT_HTML, .all = true, .quiet = true};
    struct report *report = report_open(&settings, &err);
    if (report == NULL)
        return fail(err.message);
    int status = add_lines(&settings, report);
    if (argc > 1)
        report_missing(report, "interrupted", argv[1]);
    return report_close(report, &err) == 0 ? status : fail(err.message);
}
