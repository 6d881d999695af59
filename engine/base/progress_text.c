#include "base/progress_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SOON_MS 5000 /* before that, nothing can be said about the rest */
#define MINUTE_S 60
#define HOUR_S 3600

bool progress_text_wanted(void)
{
    const char *term = getenv("TERM");
    return isatty(STDERR_FILENO) == 1 && (term == NULL || strcmp(term, "dumb") != 0);
}

void progress_text_count(struct buf *line, uint64_t count)
{
    if (count < 1000) {
        buf_addf(line, "%llu", (unsigned long long)count);
        return;
    }
    progress_text_count(line, count / 1000);
    buf_addf(line, ",%03u", (unsigned)(count % 1000));
}

void progress_text_throttled(struct buf *line, uint64_t calls)
{
    if (calls == 0)
        return;
    buf_adds(line, ", ");
    progress_text_count(line, calls);
    buf_adds(line, " throttled");
}

static long long rounded(double value, int step)
{
    long long steps = (long long)(value / step + 0.5);
    return (steps > 0 ? steps : 1) * step;
}

void progress_text_left(struct buf *line, size_t done, size_t total, int64_t elapsed_ms)
{
    if (done == 0 || done >= total || elapsed_ms < SOON_MS)
        return;
    double seconds = (double)elapsed_ms / 1000 * (double)(total - done) / (double)done;
    if (seconds < MINUTE_S)
        buf_addf(line, ", about %lld s left", rounded(seconds, 5));
    else if (seconds < 2 * HOUR_S)
        buf_addf(line, ", about %lld min left", rounded(seconds / MINUTE_S, 1));
    else
        buf_addf(line, ", about %lld h left", rounded(seconds / HOUR_S, 1));
}

void progress_text_draw(const struct buf *line)
{
    /* Clears the row; turns wrapping at the margin (DECAWM) off, and on again. */
    fprintf(stderr, "\r\x1b[K\x1b[?7l%s\x1b[?7h", buf_text(line));
    fflush(stderr);
}
