#include "generate/lines.h"

#include <string.h>

#define INDENT 14 /* of a text; its label stands before it */

void lines_labelled(struct buf *out, const char *name, const char *text)
{
    if (text[0] != '\0')
        buf_addf(out, "%-*s%s%s\n", INDENT, name, strlen(name) < INDENT ? "" : " ", text);
}

/* How much of the line, of which `length` bytes are left, fits into `room` columns: up to a space,
 * or the first word if even that is too long. `least`: where the first word may begin. */
static size_t fitting(const char *line, size_t length, size_t least, size_t room)
{
    size_t end = room;
    if (length <= room)
        return length;
    while (end > least && line[end] != ' ')
        end--;
    if (end > least)
        return end;
    end = least + strspn(line + least, " ");
    end += strcspn(line + end, " \n");
    return end < length ? end : length;
}

static void wrap_line(const char *line, size_t length, size_t width, struct buf *out)
{
    size_t room = width > INDENT ? width - INDENT : 1;
    size_t used = fitting(line, length, length < INDENT ? length : INDENT, width);
    buf_add(out, line, used);
    for (;;) {
        line += used;
        length -= used;
        while (length > 0 && line[0] == ' ') {
            line++;
            length--;
        }
        if (length == 0)
            return;
        used = fitting(line, length, 0, room);
        buf_addf(out, "\n%*s", INDENT, "");
        buf_add(out, line, used);
    }
}

void lines_wrap(const char *text, size_t width, struct buf *out)
{
    while (text[0] != '\0') {
        size_t length = strcspn(text, "\n");
        wrap_line(text, length, width, out);
        text += length;
        if (text[0] == '\n') {
            buf_addc(out, '\n');
            text++;
        }
    }
}
