/* A growing byte buffer with a mandatory maximum. An append beyond the maximum leaves the buffer
 * unchanged and sets `failed`, which stays set: write a whole text, then check once at the end. The
 * caller owns the struct; buf_clear frees the bytes. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
    char *data; /* NUL-terminated after the first append; NULL before */
    size_t len; /* bytes, not counting the NUL */
    size_t cap;
    size_t max;
    bool failed;
};

void buf_init(struct buf *buf, size_t max);
void buf_clear(struct buf *buf);           /* frees the bytes; the maximum stays */
void buf_reset(struct buf *buf);           /* empties the buffer, keeps its memory */
void buf_cut(struct buf *buf, size_t len); /* to its first bytes; at most as many as it holds */

int buf_add(struct buf *buf, const void *bytes, size_t length);
int buf_adds(struct buf *buf, const char *text);
int buf_addc(struct buf *buf, char c);
int buf_addf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The text so far, "" if nothing was appended. */
const char *buf_text(const struct buf *buf);
/* Gives the bytes to the caller (free with mem_free) and empties the buffer. Never NULL. */
char *buf_take(struct buf *buf);

#endif
