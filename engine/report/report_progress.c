#include "report/report_progress.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "report/report_internal.h"

#define REDRAW_MS 100

/* The only report with a progress line on stderr: log lines appear above it. */
static struct report *on_screen;

static void log_above(enum log_level level, const char *line)
{
    static const char *const words[] = {"error: ", "warning: ", "", "debug: "};
    if (on_screen != NULL)
        progress_clear(on_screen);
    fprintf(stderr, "engine: %s%s\n", words[level], line);
}

void progress_open(struct report *report)
{
    report->progress.enabled = !report->settings->quiet && isatty(STDERR_FILENO) == 1;
    if (!report->progress.enabled || on_screen != NULL)
        return;
    on_screen = report;
    log_set_sink(log_above);
}

void progress_clear(struct report *report)
{
    if (!report->progress.shown)
        return;
    fputs("\r\x1b[K", stderr);
    report->progress.shown = false;
    report->progress.last_ms = 0;
}

void progress_close(struct report *report)
{
    progress_clear(report);
    if (on_screen != report)
        return;
    on_screen = NULL;
    log_set_sink(NULL);
}

void report_progress(struct report *report, size_t done, size_t running, size_t calls)
{
    int64_t now = clock_mono_ms();
    struct report_progress *progress = &report->progress;
    if (!progress->enabled || (progress->shown && now - progress->last_ms < REDRAW_MS))
        return;
    fprintf(stderr, "\r\x1b[K%zu audited \xc2\xb7 %zu running \xc2\xb7 %zu calls", done, running,
            calls);
    fflush(stderr);
    progress->shown = true;
    progress->last_ms = now;
}
