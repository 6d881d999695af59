#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

void buf_init(struct buf *buf, size_t max)
{
    memset(buf, 0, sizeof *buf);
    buf->max = max;
}

void buf_clear(struct buf *buf)
{
    mem_free(buf->data);
    buf_init(buf, buf->max);
}

void buf_reset(struct buf *buf)
{
    buf->len = 0;
    buf->failed = false;
    if (buf->data != NULL)
        buf->data[0] = '\0';
}

void buf_cut(struct buf *buf, size_t len)
{
    buf->len = len < buf->len ? len : buf->len;
    if (buf->data != NULL)
        buf->data[buf->len] = '\0';
}

static int reserve(struct buf *buf, size_t more)
{
    if (buf->failed || more > buf->max || buf->len > buf->max - more) {
        buf->failed = true;
        return -1;
    }
    size_t need = buf->len + more + 1;
    if (need <= buf->cap)
        return 0;
    size_t cap = buf->cap < 64 ? 64 : buf->cap;
    while (cap < need)
        cap *= 2;
    buf->data = mem_resize(buf->data, cap);
    buf->cap = cap;
    return 0;
}

int buf_add(struct buf *buf, const void *bytes, size_t length)
{
    if (reserve(buf, length) != 0)
        return -1;
    if (length > 0)
        memcpy(buf->data + buf->len, bytes, length);
    buf->len += length;
    buf->data[buf->len] = '\0';
    return 0;
}

int buf_adds(struct buf *buf, const char *text)
{
    return buf_add(buf, text, strlen(text));
}

int buf_addc(struct buf *buf, char c)
{
    if (buf->failed || buf->len >= buf->max || buf->len + 1 >= buf->cap)
        return buf_add(buf, &c, 1);
    buf->data[buf->len++] = c;
    buf->data[buf->len] = '\0';
    return 0;
}

int buf_addf(struct buf *buf, const char *format, ...)
{
    va_list args;
    va_list again;
    va_start(args, format);
    va_copy(again, args);
    /* In most cases the text fits into the existing memory, and is formatted only once. */
    size_t room = buf->data != NULL ? buf->cap - buf->len : 0;
    int length = vsnprintf(room > 0 ? buf->data + buf->len : NULL, room, format, args);
    va_end(args);
    int result = length < 0 ? -1 : reserve(buf, (size_t)length);
    if (result == 0) {
        if ((size_t)length >= room)
            vsnprintf(buf->data + buf->len, (size_t)length + 1, format, again);
        buf->len += (size_t)length;
    } else if (room > 0) {
        buf->data[buf->len] = '\0';
    }
    va_end(again);
    return result;
}

const char *buf_text(const struct buf *buf)
{
    return buf->data != NULL ? buf->data : "";
}

char *buf_take(struct buf *buf)
{
    char *data = buf->data != NULL ? buf->data : mem_strdup("");
    buf->data = NULL;
    buf_clear(buf);
    return data;
}
