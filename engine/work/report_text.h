/* Text for a terminal: what comes from outside loses its control characters, and columns are
 * counted as a terminal shows them. Serves the table and the progress line. */
#ifndef WORK_REPORT_TEXT_H
#define WORK_REPORT_TEXT_H

#include <stddef.h>

#include "base/buf.h"

/* Appends `text` as one line: control and direction characters and bytes that are no UTF-8 become
 * U+FFFD, runs of blanks and line ends one blank. Everything below expects such text. */
void text_clean(struct buf *out, const char *text, size_t length);

/* Columns that the text takes. */
size_t text_width(const char *clean);
/* Appends the text, its middle replaced by one … where it is wider than `width`; the end, where
 * names differ, keeps the larger part. */
void text_shorten(struct buf *out, const char *clean, size_t width);
/* Bytes of the first line of at most `width` columns, broken at a blank where one is near. Always
 * at least one character. */
size_t text_break(const char *clean, size_t width);

/* Appends `length` bytes of any text: control and direction characters and bytes that are no UTF-8
 * become U+FFFD, but line ends and tabs stay. */
void text_legible(struct buf *out, const char *text, size_t length);

#endif
