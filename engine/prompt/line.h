/* The line that is being typed, and the keys that change it. Serves prompt; calls character. The
 * text is UTF-8 without line ends; a change that would exceed the maximum does not happen. */
#ifndef PROMPT_LINE_H
#define PROMPT_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "prompt/keys.h"

#define LINE_MAX_BYTES ((size_t)64 << 10)

struct line {
    struct buf text;
    size_t cursor; /* in bytes, at the start of a character */
};

void line_init(struct line *line);
void line_clear(struct line *line);
/* Replaces the text; the cursor stands at its end. */
void line_set(struct line *line, const char *text, size_t length);
/* Inserts at the cursor. False: the line would be too long. */
bool line_insert(struct line *line, const char *text, size_t length);
/* Replaces the bytes from `start` to the cursor. */
bool line_replace(struct line *line, size_t start, const char *text, size_t length);
/* Is this a key that moves the cursor or changes the text? If so, does it. */
bool line_key(struct line *line, const struct key *key);

#endif
