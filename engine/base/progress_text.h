/* A progress line on the terminal: counts, and about how long the rest takes. Serves report and
 * poll. The buffer is the caller's. */
#ifndef BASE_PROGRESS_TEXT_H
#define BASE_PROGRESS_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* Is stderr a terminal that can draw a line again? TERM=dumb says that it cannot. */
bool progress_text_wanted(void);
/* "1,204" */
void progress_text_count(struct buf *line, uint64_t count);
/* ", 12 throttled"; nothing if there are none. */
void progress_text_throttled(struct buf *line, uint64_t calls);
/* ", about 2 min left", judged by how long the first `done` of `total` took; nothing in the first
 * seconds and at the end. total 0: not known yet. */
void progress_text_left(struct buf *line, size_t done, size_t total, int64_t elapsed_ms);
/* Draws the line on stderr in place of the last one. What is wider than the terminal is left out: a
 * second row would stay on the screen. */
void progress_text_draw(const struct buf *line);

#endif
