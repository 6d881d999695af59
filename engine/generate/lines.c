#include "generate/lines.h"

#include <string.h>

#define WIDTH 80
#define INDENT 14 /* of a text; its label stands before it */

void lines_words(struct buf *out, size_t indent, const char *text)
{
    size_t column = indent;
    for (const char *word = text; *word != '\0';) {
        size_t length = strcspn(word, " ");
        if (column > indent && column + 1 + length > WIDTH) {
            buf_addf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            buf_addc(out, ' ');
            column++;
        }
        buf_add(out, word, length);
        column += length;
        word += length + strspn(word + length, " ");
    }
}

void lines_labelled(struct buf *out, const char *name, const char *text)
{
    if (text[0] == '\0')
        return;
    buf_addf(out, "%-*s%s", INDENT, name, strlen(name) < INDENT ? "" : " ");
    lines_words(out, INDENT, text);
    buf_addc(out, '\n');
}
