#include "prompt/draw.h"

#include <stdbool.h>
#include <string.h>

#include "base/clean_text.h"
#include "prompt/character.h"

/* ECMA-48 */
#define ERASE_BELOW "\033[J"
#define GAP 2

/* Where the terminal puts the text: a character that does not fit a row starts the next. */
struct place {
    size_t row, column, columns;
};

static void advance(struct place *place, size_t width)
{
    if (place->column + width > place->columns) {
        place->row++;
        place->column = 0;
    }
    place->column += width;
}

static void add_character(struct buf *out, const char *text, size_t length)
{
    if (length == 1 && *text == '\t')
        buf_addc(out, ' ');
    else
        text_legible(out, text, length);
}

/* Appends the text, up to `end` of it if out is not NULL, and advances. */
static void add_text(struct place *place, const char *text, size_t length, struct buf *out)
{
    for (size_t at = 0; at < length;) {
        size_t next = character_next(text, length, at);
        advance(place, character_columns(text, length, at, next));
        if (out != NULL)
            add_character(out, text + at, next - at);
        at = next;
    }
}

/* A full row leaves the cursor at its end; the next character would be on the next row. */
static void wrap(struct place *place, struct buf *out)
{
    if (place->column < place->columns)
        return;
    place->row++;
    place->column = 0;
    if (out != NULL)
        buf_adds(out, " \r");
}

/* Moves to the start of the prompt. A terminal that was made narrower has wrapped the rows again.
 */
static void go_to_start(const struct draw *draw, size_t columns, struct buf *out)
{
    size_t rows = draw->cursor_columns / columns;
    if (rows > 0)
        buf_addf(out, "\033[%zuA", rows);
    buf_adds(out, "\r" ERASE_BELOW);
}

void draw_line(struct draw *draw, const char *prompt, const struct line *line, size_t columns,
               struct buf *out)
{
    struct place end = {.columns = columns}, cursor = {.columns = columns};
    go_to_start(draw, columns, out);
    add_text(&end, prompt, strlen(prompt), out);
    add_text(&end, buf_text(&line->text), line->text.len, out);
    wrap(&end, out);
    add_text(&cursor, prompt, strlen(prompt), NULL);
    add_text(&cursor, buf_text(&line->text), line->cursor, NULL);
    wrap(&cursor, NULL);
    if (end.row > cursor.row)
        buf_addf(out, "\033[%zuA", end.row - cursor.row);
    buf_adds(out, "\r");
    if (cursor.column > 0)
        buf_addf(out, "\033[%zuC", cursor.column);
    draw->cursor_columns = cursor.row * columns + cursor.column;
}

void draw_end(struct draw *draw, const char *prompt, struct line *line, size_t columns,
              struct buf *out)
{
    line->cursor = line->text.len;
    draw_line(draw, prompt, line, columns, out);
    buf_adds(out, "\n");
    draw->cursor_columns = 0;
}

void draw_words(const struct text_list *words, size_t columns, struct buf *out)
{
    size_t widest = 0;
    for (size_t i = 0; i < words->count; i++) {
        size_t length = strlen(words->items[i]);
        widest = length > widest ? length : widest;
    }
    size_t across = columns > widest + GAP ? columns / (widest + GAP) : 1;
    size_t rows = (words->count + across - 1) / across;
    for (size_t row = 0; row < rows; row++) {
        for (size_t i = row; i < words->count; i += rows) {
            bool last = i + rows >= words->count;
            buf_addf(out, "%-*s", last ? 0 : (int)(widest + GAP), words->items[i]);
        }
        buf_adds(out, "\n");
    }
}
