#include "base/mem.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must(void *pointer)
{
    if (pointer == NULL) {
        fputs("engine: out of memory\n", stderr);
        abort();
    }
    return pointer;
}

#ifdef NDEBUG
/* Small blocks come from free lists by size, which is faster than malloc: values of JSON are many
 * and live shortly. There is one thread of ours, so nothing is locked. What is freed serves only
 * blocks of its size, and is never given back to the system. Builds for sanitizers, and the
 * tests with valgrind, use malloc for each block, so that these see every one of them. */
#define GRAIN 16
#define KINDS 32 /* kind K: K * GRAIN bytes, the head included */
#define CHUNK_BYTES 16384

struct block {
    struct block *next;
};

static struct block *unused[KINDS + 1];
static char *fresh; /* the rest of the newest chunk */
static size_t fresh_bytes;

/* Before each block stands its kind, LARGE for one of malloc. What holds none of them was not
 * allocated here. */
#define LARGE 0x6d656d5e5e6d656d
#define LARGE_HEAD 16

static size_t *kind_of(const void *block)
{
    return (size_t *)(uintptr_t)block - 1;
}

static void give_small(void *old, size_t kind)
{
    struct block *block = old;
    block->next = unused[kind];
    unused[kind] = block;
}

static void *put_head(char *start, size_t kind)
{
    void *block = start + sizeof kind;
    *kind_of(block) = kind;
    return block;
}

static void *take_fresh(size_t kind)
{
    size_t bytes = kind * GRAIN;
    if (fresh_bytes < bytes) {
        if (fresh_bytes > 0)
            give_small(put_head(fresh, fresh_bytes / GRAIN), fresh_bytes / GRAIN);
        fresh = (char *)must(malloc(CHUNK_BYTES)) + LARGE_HEAD - sizeof(size_t);
        fresh_bytes = CHUNK_BYTES - GRAIN;
    }
    void *block = put_head(fresh, kind);
    fresh += bytes;
    fresh_bytes -= bytes;
    return block;
}

static void *resize_large(void *old, size_t size)
{
    char *start = old != NULL ? (char *)old - LARGE_HEAD : NULL;
    start = must(size <= SIZE_MAX - LARGE_HEAD ? realloc(start, size + LARGE_HEAD) : NULL);
    return put_head(start + LARGE_HEAD - sizeof(size_t), LARGE);
}

static bool is_small(size_t size)
{
    return size <= KINDS * GRAIN - sizeof(size_t);
}

static void *take(size_t size)
{
    if (!is_small(size))
        return resize_large(NULL, size);
    size_t kind = (size + sizeof(size_t) + GRAIN - 1) / GRAIN;
    struct block *block = unused[kind];
    if (block == NULL)
        return take_fresh(kind);
    unused[kind] = block->next;
    return block;
}

/* calloc's large blocks have no memory until they are written. */
static void *take_zeroed(size_t size)
{
    if (is_small(size))
        return memset(take(size), 0, size);
    char *start = must(size <= SIZE_MAX - LARGE_HEAD ? calloc(1, size + LARGE_HEAD) : NULL);
    return put_head(start + LARGE_HEAD - sizeof(size_t), LARGE);
}

static void give(void *old)
{
    if (old == NULL)
        return;
    size_t kind = *kind_of(old);
    if (kind <= KINDS)
        give_small(old, kind);
    else if (kind == LARGE)
        free((char *)old - LARGE_HEAD);
    else
        abort();
}

static void *resize(void *old, size_t size)
{
    if (old == NULL)
        return take(size);
    size_t kind = *kind_of(old), room = kind == LARGE ? size : kind * GRAIN - sizeof kind;
    if (kind == LARGE && !is_small(size))
        return resize_large(old, size);
    if (kind != LARGE && size <= room)
        return old;
    void *block = take(size);
    memcpy(block, old, size < room ? size : room);
    give(old);
    return block;
}
#else
static void *take(size_t size)
{
    return must(malloc(size));
}

static void *take_zeroed(size_t size)
{
    return must(calloc(1, size));
}

static void give(void *old)
{
    free(old);
}

static void *resize(void *old, size_t size)
{
    return must(realloc(old, size));
}
#endif

void *mem_alloc(size_t size)
{
    return take_zeroed(size > 0 ? size : 1);
}

void *mem_resize(void *old, size_t size)
{
    return resize(old, size > 0 ? size : 1);
}

char *mem_strdup(const char *text)
{
    return text == NULL ? NULL : mem_strndup(text, strlen(text));
}

char *mem_strndup(const char *text, size_t length)
{
    char *copy = mem_alloc(length + 1);
    if (length > 0)
        memcpy(copy, text, length);
    return copy;
}

char *mem_printf(const char *format, ...)
{
    char usual[256];
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(usual, sizeof usual, format, args);
    if (length < 0)
        must(NULL);
    char *text = mem_alloc((size_t)length + 1);
    if ((size_t)length < sizeof usual)
        memcpy(text, usual, (size_t)length);
    else
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    va_end(args);
    return text;
}

void mem_free(void *old)
{
    give(old);
}

void mem_free_secret(char *text)
{
    if (text != NULL)
        explicit_bzero(text, strlen(text));
    give(text);
}

void mem_install(void)
{
    json_set_alloc_funcs(take, give);
}
