/* The line on stderr that redraws itself while a run lasts; log lines go above it. Serves report,
 * which clears it before it writes. */
#ifndef REPORT_REPORT_PROGRESS_H
#define REPORT_REPORT_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct report;

/* Lines on stderr that redraw themselves while stderr is a terminal and --quiet was not given. */
void report_progress(struct report *report, size_t done, size_t running, size_t calls);

struct report_progress {
    bool enabled, shown;
    int64_t last_ms;
};

void progress_open(struct report *report);
void progress_clear(struct report *report);
void progress_close(struct report *report);

#endif
