/* A prompt on a terminal: lines that can be edited, with history and completion. Serves the
 * interactive prompt of scripts (bindings/script); calls the other files of this room.
 *
 * While a line is read, the terminal is in raw mode; a signal that ends the process restores it.
 * prompt_read blocks: nothing else may be in progress. */
#ifndef PROMPT_PROMPT_H
#define PROMPT_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/text_list.h"

/* Adds the words that may stand in place of the bytes of `text` from the returned position to the
 * cursor, which is at the end of `text`. */
typedef size_t (*prompt_complete)(void *arg, const char *text, size_t length,
                                  struct text_list *words);

struct prompt;

/* Are stdin and stdout a terminal that can move its cursor? */
bool prompt_is_possible(void);

/* `history`: the file of the lines, or NULL for none; err says why it cannot be used, which is not
 * fatal. Free it with prompt_free. */
struct prompt *prompt_new(const char *history, prompt_complete complete, void *arg,
                          struct err *err);
void prompt_free(struct prompt *prompt);

enum prompt_result {
    PROMPT_LINE,      /* in *line, which is valid until the next call */
    PROMPT_INTERRUPT, /* Ctrl-C: what was typed is dropped */
    PROMPT_END        /* Ctrl-D on an empty line, or the terminal is gone */
};
/* `further`: the line continues the statement of the line before. */
enum prompt_result prompt_read(struct prompt *prompt, const char *text, bool further,
                               const char **line, size_t *length);

#endif
