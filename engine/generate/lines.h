/* Texts broken into lines of a terminal. Serves what `engine explain` prints. */
#ifndef GENERATE_LINES_H
#define GENERATE_LINES_H

#include <stddef.h>

#include "base/buf.h"

/* The words of the text, the first where the caller stands: after `indent` columns, as further
 * lines begin. Writes no line feed at the end. */
void lines_words(struct buf *out, size_t indent, const char *text);
/* "Risk:         Anyone …", one line or more; nothing if there is no text. */
void lines_labelled(struct buf *out, const char *name, const char *text);

#endif
