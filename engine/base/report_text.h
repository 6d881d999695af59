/* Columns of text as a terminal shows them. Expects text that text_clean made. Serves the table and
 * the progress line. */
#ifndef BASE_REPORT_TEXT_H
#define BASE_REPORT_TEXT_H

#include <stddef.h>

#include "base/buf.h"
#include "base/clean_text.h"

/* Columns that the text takes. */
size_t text_width(const char *clean);
/* Appends the text, its middle replaced by one … where it is wider than `width`; the end, where
 * names differ, keeps the larger part. */
void text_shorten(struct buf *out, const char *clean, size_t width);
/* Bytes of the first line of at most `width` columns, broken at a blank where one is near. Always
 * at least one character. */
size_t text_break(const char *clean, size_t width);

#endif
