/* A growing byte buffer with a mandatory maximum. An append that would pass the maximum leaves the
 * buffer as it was and sets `failed`, which sticks: write a whole text, look once at the end.
 * The caller owns the struct; buf_clear frees the bytes. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
    char *data; /* always NUL-terminated once anything was appended; NULL before */
    size_t len; /* bytes, without that NUL */
    size_t cap;
    size_t max;
    bool failed;
};

void buf_init(struct buf *buf, size_t max);
void buf_clear(struct buf *buf); /* frees; the maximum stays */
void buf_reset(struct buf *buf); /* empties, keeps the memory */

int buf_add(struct buf *buf, const void *bytes, size_t length);
int buf_adds(struct buf *buf, const char *text);
int buf_addc(struct buf *buf, char c);
int buf_addf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The text so far, "" when nothing was appended. */
const char *buf_text(const struct buf *buf);
/* Hands the bytes over (mem_free); the buffer is empty then. Never NULL. */
char *buf_take(struct buf *buf);

#endif
