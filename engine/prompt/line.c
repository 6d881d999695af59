#include "prompt/line.h"

#include <ctype.h>
#include <string.h>

#include "prompt/character.h"

void line_init(struct line *line)
{
    buf_init(&line->text, LINE_MAX_BYTES);
    line->cursor = 0;
}

void line_clear(struct line *line)
{
    buf_clear(&line->text);
    line->cursor = 0;
}

void line_set(struct line *line, const char *text, size_t length)
{
    buf_reset(&line->text);
    buf_add(&line->text, text, length);
    line->cursor = line->text.len;
}

bool line_insert(struct line *line, const char *text, size_t length)
{
    size_t rest = line->text.len - line->cursor;
    if (length == 0)
        return true;
    if (length > line->text.max - line->text.len)
        return false;
    buf_add(&line->text, text, length);
    memmove(line->text.data + line->cursor + length, line->text.data + line->cursor, rest);
    memcpy(line->text.data + line->cursor, text, length);
    line->cursor += length;
    return true;
}

/* Removes the bytes from `start` to `end`, where the cursor then stands. */
static void cut(struct line *line, size_t start, size_t end)
{
    if (start < end) {
        memmove(line->text.data + start, line->text.data + end, line->text.len - end);
        line->text.len -= end - start;
        line->text.data[line->text.len] = '\0';
    }
    line->cursor = start;
}

bool line_replace(struct line *line, size_t start, const char *text, size_t length)
{
    if (length > line->text.max - line->text.len)
        return false;
    cut(line, start, line->cursor);
    return line_insert(line, text, length);
}

static size_t left(const struct line *line)
{
    return character_before(buf_text(&line->text), line->text.len, line->cursor);
}

static size_t right(const struct line *line)
{
    return character_next(buf_text(&line->text), line->text.len, line->cursor);
}

static bool in_word(const struct line *line, size_t at)
{
    unsigned char c = (unsigned char)line->text.data[at];
    return isalnum(c) || c == '_' || c >= 0x80;
}

static size_t word_left(const struct line *line)
{
    size_t at = line->cursor;
    while (at > 0 && !in_word(line, at - 1))
        at--;
    while (at > 0 && in_word(line, at - 1))
        at--;
    return at;
}

static size_t word_right(const struct line *line)
{
    size_t at = line->cursor;
    while (at < line->text.len && !in_word(line, at))
        at++;
    while (at < line->text.len && in_word(line, at))
        at++;
    return at;
}

static bool move(struct line *line, enum key_kind kind)
{
    switch (kind) {
    case KEY_LEFT: line->cursor = left(line); return true;
    case KEY_RIGHT: line->cursor = right(line); return true;
    case KEY_WORD_LEFT: line->cursor = word_left(line); return true;
    case KEY_WORD_RIGHT: line->cursor = word_right(line); return true;
    case KEY_HOME: line->cursor = 0; return true;
    case KEY_END: line->cursor = line->text.len; return true;
    default: return false;
    }
}

bool line_key(struct line *line, const struct key *key)
{
    switch (key->kind) {
    case KEY_TEXT: line_insert(line, key->text, key->length); return true;
    case KEY_BACKSPACE: cut(line, left(line), line->cursor); return true;
    case KEY_DELETE: cut(line, line->cursor, right(line)); return true;
    case KEY_DELETE_WORD: cut(line, word_left(line), line->cursor); return true;
    case KEY_DELETE_START: cut(line, 0, line->cursor); return true;
    case KEY_DELETE_END: cut(line, line->cursor, line->text.len); return true;
    default: return move(line, key->kind);
    }
}
