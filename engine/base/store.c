#include "base/store.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/spool.h"

/* A place in the file is 512 bytes long, or twice, four times … as long. */
#define SMALLEST 9
#define SIZES 32

struct item {
    struct stored stored;
    size_t length;
    uint64_t offset; /* in the file */
    bool in_file;
    char bytes[]; /* if they are not in the file */
};

/* Places in the file that are free. */
struct places {
    uint64_t *offsets;
    size_t count, room;
};

struct store {
    size_t most, in_memory; /* bytes */
    int fd;                 /* -1: none yet */
    uint64_t end;
    size_t in_file; /* items */
    struct places free[SIZES];
};

struct store *store_new(size_t most)
{
    struct store *store = mem_alloc(sizeof *store);
    store->most = most;
    store->fd = -1;
    return store;
}

void store_free(struct store *store)
{
    if (store == NULL)
        return;
    if (store->fd >= 0)
        close(store->fd);
    for (size_t i = 0; i < SIZES; i++)
        mem_free(store->free[i].offsets);
    mem_free(store);
}

/* ---- places ---- */

static size_t size_of(size_t length)
{
    size_t size = 0;
    while (((size_t)1 << (size + SMALLEST)) < length)
        size++;
    return size;
}

static uint64_t take_place(struct store *store, size_t size)
{
    struct places *places = &store->free[size];
    if (places->count > 0)
        return places->offsets[--places->count];
    uint64_t offset = store->end;
    store->end += (uint64_t)1 << (size + SMALLEST);
    return offset;
}

static void give_place(struct store *store, size_t size, uint64_t offset)
{
    struct places *places = &store->free[size];
    if (places->count == places->room) {
        places->room = places->room > 0 ? 2 * places->room : 64;
        places->offsets = mem_resize(places->offsets, places->room * sizeof *places->offsets);
    }
    places->offsets[places->count++] = offset;
}

static void forget_places(struct store *store)
{
    for (size_t i = 0; i < SIZES; i++) {
        mem_free(store->free[i].offsets);
        store->free[i] = (struct places){0};
    }
    spool_empty(store->fd);
    store->end = 0;
}

/* ---- items ---- */

static bool write_out(struct store *store, struct item *item, const void *bytes)
{
    struct err err = {0};
    size_t size = size_of(item->length);
    if (store->fd < 0)
        store->fd = spool_open(&err);
    if (store->fd < 0)
        return false;
    item->offset = take_place(store, size);
    if (spool_write(store->fd, item->offset, bytes, item->length, &err) != 0) {
        give_place(store, size, item->offset);
        return false;
    }
    item->in_file = true;
    store->in_file++;
    return true;
}

struct stored *store_put(struct store *store, const void *bytes, size_t length)
{
    struct item *item = mem_alloc(sizeof *item);
    item->length = length;
    if (store->in_memory + length > store->most && write_out(store, item, bytes))
        return &item->stored;
    item = mem_resize(item, sizeof *item + length);
    memcpy(item->bytes, bytes, length);
    store->in_memory += length;
    return &item->stored;
}

static struct item *item_of(struct stored *stored)
{
    return (struct item *)stored; /* its first member */
}

void store_drop(struct store *store, struct stored *stored)
{
    struct item *item = item_of(stored);
    if (item->in_file)
        give_place(store, size_of(item->length), item->offset);
    else
        store->in_memory -= item->length;
    if (item->in_file && --store->in_file == 0)
        forget_places(store);
    mem_free(item);
}

char *store_take(struct store *store, struct stored *stored, size_t *length, struct err *err)
{
    struct item *item = item_of(stored);
    char *bytes = mem_alloc(item->length + 1);
    *length = item->length;
    if (!item->in_file)
        memcpy(bytes, item->bytes, item->length);
    else if (spool_read(store->fd, item->offset, bytes, item->length, err) != 0) {
        mem_free(bytes);
        bytes = NULL;
    }
    store_drop(store, stored);
    return bytes;
}
