/* Widths of text in the columns of a terminal. Expects text from text_clean. Serves the table and
 * the progress line. */
#ifndef BASE_REPORT_TEXT_H
#define BASE_REPORT_TEXT_H

#include <stddef.h>

#include "base/buf.h"
#include "base/clean_text.h"

/* Columns that the text occupies. */
size_t text_width(const char *clean);
/* Appends the text. If it is wider than `width`, one … replaces its middle, and the end, where
 * names differ, keeps the larger part. */
void text_shorten(struct buf *out, const char *clean, size_t width);
/* Bytes of a first line of at most `width` columns, broken at a space if there is one near the end.
 * Always at least one character. */
size_t text_break(const char *clean, size_t width);

#endif
