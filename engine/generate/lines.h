/* Texts broken into lines of a terminal. Serves what `engine explain` prints. */
#ifndef GENERATE_LINES_H
#define GENERATE_LINES_H

#include <stddef.h>

#include "base/buf.h"

/* "Risk:         Anyone …", one line; nothing if there is no text. */
void lines_labelled(struct buf *out, const char *name, const char *text);
/* Breaks lines that are longer than `width` between words. Further lines begin below the text of a
 * labelled one. */
void lines_wrap(const char *text, size_t width, struct buf *out);

#endif
