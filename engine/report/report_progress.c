#include "report/report_progress.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/progress_text.h"
#include "report/report_internal.h"

#define REDRAW_MS 100
#define LONGEST_LINE 200

/* The only report with a progress line on stderr: log lines appear above it. */
static struct report *on_screen;

static void clear_for_log(void)
{
    progress_clear(on_screen);
}

void progress_open(struct report *report)
{
    report->progress.enabled = !report->settings->quiet &&
                               report->settings->log_format == LOG_FORMAT_TEXT &&
                               progress_text_wanted();
    if (!report->progress.enabled || on_screen != NULL)
        return;
    on_screen = report;
    log_before_line(clear_for_log);
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
    log_before_line(NULL);
}

static void write_listing(const struct progress *progress, struct buf *line)
{
    progress_text_count(line, progress->found);
    buf_adds(line, " found so far, ");
    progress_text_count(line, progress->listed);
    buf_adds(line, " of ");
    progress_text_count(line, progress->places);
    buf_adds(line, progress->places == 1 ? " place listed" : " places listed");
}

/* "audited 1,204 of 3,000, 12 throttled, about 2 min left"; while there is no total, "audited 1,204
 * of 1,460 found so far, 3 of 38 places listed" or "audited 1,204, 200 in progress" */
static void write_line(const struct progress *progress, int64_t elapsed_ms, struct buf *line)
{
    bool listing = progress->total == 0 && progress->places > 0;
    buf_addf(line, "%s ", progress->verb);
    progress_text_count(line, progress->done);
    buf_adds(line, progress->total > 0 || listing ? " of " : ", ");
    if (listing)
        write_listing(progress, line);
    else
        progress_text_count(line, progress->total > 0 ? progress->total : progress->running);
    buf_adds(line, progress->total > 0 || listing ? "" : " in progress");
    progress_text_throttled(line, progress->throttled);
    progress_text_left(line, progress->done, progress->total, elapsed_ms);
}

void report_progress(struct report *report, const struct progress *progress)
{
    struct buf line;
    int64_t now = clock_mono_ms();
    struct report_progress *shown = &report->progress;
    if (shown->began_ms == 0)
        shown->began_ms = now;
    if (!shown->enabled || (shown->shown && now - shown->last_ms < REDRAW_MS))
        return;
    buf_init(&line, LONGEST_LINE);
    write_line(progress, now - shown->began_ms, &line);
    progress_text_draw(&line);
    buf_clear(&line);
    shown->shown = true;
    shown->last_ms = now;
}
