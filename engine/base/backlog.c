#include "base/backlog.h"

#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/spool.h"

#define CHUNK 65536
#define MOST_BYTES SIZE_MAX /* in memory: used only if no file can be written */

/* Oldest first: the bytes in `head`, those in the file, those in `tail`. */
struct backlog {
    struct buf head;
    size_t at; /* offset of the next item in head */
    int fd;    /* -1: none yet */
    uint64_t from, to;
    struct buf tail;
    bool no_file;
};

struct backlog *backlog_new(void)
{
    struct backlog *backlog = mem_alloc(sizeof *backlog);
    backlog->fd = -1;
    buf_init(&backlog->head, MOST_BYTES);
    buf_init(&backlog->tail, MOST_BYTES);
    return backlog;
}

void backlog_free(struct backlog *backlog)
{
    if (backlog == NULL)
        return;
    if (backlog->fd >= 0)
        close(backlog->fd);
    buf_clear(&backlog->head);
    buf_clear(&backlog->tail);
    mem_free(backlog);
}

static void write_out(struct backlog *backlog)
{
    struct err err = {0};
    if (backlog->fd < 0)
        backlog->fd = spool_open(&err);
    backlog->no_file = backlog->fd < 0 || spool_write(backlog->fd, backlog->to, backlog->tail.data,
                                                      backlog->tail.len, &err) != 0;
    if (backlog->no_file)
        return;
    backlog->to += backlog->tail.len;
    buf_reset(&backlog->tail);
}

void backlog_put(struct backlog *backlog, const void *bytes, size_t length)
{
    buf_add(&backlog->tail, &length, sizeof length);
    buf_add(&backlog->tail, bytes, length);
    if (backlog->tail.len >= CHUNK && !backlog->no_file)
        write_out(backlog);
}

static int read_back(struct backlog *backlog, struct err *err)
{
    char chunk[CHUNK];
    uint64_t left = backlog->to - backlog->from;
    size_t length = left < CHUNK ? (size_t)left : CHUNK;
    if (spool_read(backlog->fd, backlog->from, chunk, length, err) != 0)
        return -1;
    buf_add(&backlog->head, chunk, length);
    backlog->from += length;
    if (backlog->from < backlog->to)
        return 0;
    spool_empty(backlog->fd);
    backlog->from = backlog->to = 0;
    return 0;
}

/* Reads more bytes into head. Returns false if there are none. */
static bool refill(struct backlog *backlog, struct err *err)
{
    size_t rest = backlog->head.len - backlog->at;
    if (rest > 0 && backlog->at > 0)
        memmove(backlog->head.data, backlog->head.data + backlog->at, rest);
    backlog->head.len = rest;
    backlog->at = 0;
    if (backlog->from < backlog->to)
        return read_back(backlog, err) == 0;
    if (backlog->tail.len == 0)
        return false;
    buf_add(&backlog->head, backlog->tail.data, backlog->tail.len);
    buf_reset(&backlog->tail);
    return true;
}

static const void *at_hand(struct backlog *backlog, size_t *length)
{
    size_t left = backlog->head.len - backlog->at;
    if (left < sizeof *length)
        return NULL;
    const char *bytes = backlog->head.data + backlog->at;
    memcpy(length, bytes, sizeof *length);
    if (left - sizeof *length < *length)
        return NULL;
    backlog->at += sizeof *length + *length;
    return bytes + sizeof *length;
}

const void *backlog_take(struct backlog *backlog, size_t *length, struct err *err)
{
    const void *bytes = at_hand(backlog, length);
    while (bytes == NULL && refill(backlog, err))
        bytes = at_hand(backlog, length);
    return bytes;
}
