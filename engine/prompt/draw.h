/* What to send to the terminal to show the prompt, the line and the cursor again, over the rows
 * where they were. Serves prompt; calls character, base. Control characters and those that change
 * the direction of text are shown as U+FFFD. */
#ifndef PROMPT_DRAW_H
#define PROMPT_DRAW_H

#include <stddef.h>

#include "base/buf.h"
#include "base/text_list.h"
#include "prompt/line.h"

/* Starts zeroed for each line. */
struct draw {
    size_t cursor_columns; /* from the start of the prompt to the cursor */
};

/* `columns` is the width of the terminal, which may have changed since the last time. */
void draw_line(struct draw *draw, const char *prompt, const struct line *line, size_t columns,
               struct buf *out);
/* Moves below the line, whose cursor stands at its end. */
void draw_end(struct draw *draw, const char *prompt, struct line *line, size_t columns,
              struct buf *out);
/* Words in columns, like `ls`. */
void draw_words(const struct text_list *words, size_t columns, struct buf *out);

#endif
