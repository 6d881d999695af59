/* The progress line on stderr, which redraws itself during a run; log lines appear above it. Serves
 * report, which clears it before it writes. */
#ifndef REPORT_REPORT_PROGRESS_H
#define REPORT_REPORT_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct report;

struct progress {
    const char *verb; /* "audited" */
    size_t done, running;
    size_t total; /* 0: not known yet */
    /* While resources are still being listed: how many were found, and how many of the places are
     * finished. */
    size_t found, listed, places;
    uint64_t throttled;
};

/* Redraws the line if stderr is a terminal and --quiet was not given. */
void report_progress(struct report *report, const struct progress *progress);

struct report_progress {
    bool enabled, shown;
    int64_t began_ms; /* the first call */
    int64_t last_ms;
};

void progress_open(struct report *report);
void progress_clear(struct report *report);
void progress_close(struct report *report);

#endif
