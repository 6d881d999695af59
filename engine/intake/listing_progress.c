#include "intake/listing_progress.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/progress_text.h"

#define LONGEST_LINE 200

/* Not between the lines that the terminal shows anyway. */
static bool is_wanted(const struct settings *settings)
{
    bool lines = settings_queue(settings, true) == NULL && isatty(STDOUT_FILENO);
    return !settings->quiet && !lines && progress_text_wanted();
}

static void write_line(const struct listing_progress *progress, struct buf *line)
{
    struct client_stats stats;
    client_stats(progress->context->client, &stats);
    buf_adds(line, "listed ");
    progress_text_count(line, progress->finished);
    buf_adds(line, " of ");
    progress_text_count(line, progress->targets);
    buf_adds(line, progress->targets == 1 ? " place, " : " places, ");
    progress_text_count(line, progress->found);
    buf_adds(line, progress->found == 1 ? " resource found" : " resources found");
    progress_text_throttled(line, stats.throttled);
    progress_text_left(line, progress->finished, progress->targets,
                       clock_mono_ms() - progress->began_ms);
}

void listing_progress_show(const struct listing_progress *progress)
{
    struct buf line;
    if (!is_wanted(progress->context->settings))
        return;
    buf_init(&line, LONGEST_LINE);
    write_line(progress, &line);
    progress_text_draw(&line);
    if (progress->finished == progress->targets)
        fputc('\n', stderr);
    buf_clear(&line);
}
