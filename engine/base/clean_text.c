#include "base/clean_text.h"

#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

struct range {
    uint32_t first, last;
};

/* Control characters, line and paragraph separators, and characters that change the text
 * direction. */
static const struct range hidden[] = {
    {0x0000, 0x001f}, {0x007f, 0x009f}, {0x061c, 0x061c}, {0x200e, 0x200f},
    {0x2028, 0x202e}, {0x2066, 0x2069}, {0xfeff, 0xfeff},
};

static bool is_hidden(uint32_t point)
{
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++) {
        if (point >= hidden[i].first && point <= hidden[i].last)
            return true;
    }
    return false;
}

size_t text_decode(const char *bytes, size_t left, uint32_t *point)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char lead = (unsigned char)bytes[0];
    size_t length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4 || length > left)
        return 0;
    uint32_t value = length == 1 ? lead : lead & (0xffu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        unsigned char next = (unsigned char)bytes[i];
        if ((next & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (next & 0x3f);
    }
    if (value < least[length] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return 0;
    *point = value;
    return length;
}

/* Appends the character at `bytes`, made harmless, to `out`. Returns the number of bytes read. */
static size_t add_harmless(struct buf *out, const char *bytes, size_t left)
{
    uint32_t point = 0;
    size_t taken = text_decode(bytes, left, &point);
    if (taken == 0 || is_hidden(point))
        buf_adds(out, REPLACEMENT);
    else
        buf_add(out, bytes, taken);
    return taken > 0 ? taken : 1;
}

/* The bytes at the beginning that are printable ASCII, except blanks: most texts are nothing
 * else. */
static size_t plain_length(const char *text, size_t length)
{
    size_t plain = 0;
    while (plain < length && text[plain] > 0x20 && text[plain] < 0x7f)
        plain++;
    return plain;
}

void text_clean(struct buf *out, const char *text, size_t length)
{
    size_t at = 0;
    while (at < length) {
        size_t plain = plain_length(text + at, length - at);
        if (plain > 0) {
            buf_add(out, text + at, plain);
            at += plain;
            continue;
        }
        size_t blanks = 0;
        while (at + blanks < length && strchr(" \t\r\n", text[at + blanks]) != NULL &&
               text[at + blanks] != '\0')
            blanks++;
        if (blanks > 0)
            buf_addc(out, ' ');
        else
            blanks = add_harmless(out, text + at, length - at);
        at += blanks;
    }
}

void text_legible(struct buf *out, const char *text, size_t length)
{
    for (size_t at = 0; at < length;) {
        size_t plain = plain_length(text + at, length - at);
        if (plain > 0) {
            buf_add(out, text + at, plain);
            at += plain;
            continue;
        }
        bool layout = text[at] == '\n' || text[at] == '\t' || text[at] == '\r';
        if (layout)
            buf_addc(out, text[at]);
        at += layout ? 1 : add_harmless(out, text + at, length - at);
    }
}

/* POSIX Shell Command Language, 2.2.2: within single quotes every character stands for itself. */
void text_shell_add(struct buf *out, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-=+:,./@%";
    if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
        buf_adds(out, word);
        return;
    }
    buf_addc(out, '\'');
    for (; *word != '\0'; word++) {
        if (*word == '\'')
            buf_adds(out, "'\\''");
        else
            buf_addc(out, *word);
    }
    buf_addc(out, '\'');
}

char *text_shell(const char *word)
{
    struct buf out;
    buf_init(&out, 4 * strlen(word) + sizeof "''");
    text_shell_add(&out, word);
    return buf_take(&out);
}
