#include "policy/finding_store.h"

#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/spool.h"
#include "value/json.h"

#define CHUNK 65536
#define MOST_BYTES SIZE_MAX /* in memory: used only if no file can be written */

struct finding_store {
    int fd;         /* -1: none yet */
    uint64_t *ends; /* of each finding, in the file and then in `tail` */
    size_t count, room;
    uint64_t written; /* bytes in the file */
    struct buf tail;  /* not written yet */
    bool no_file;
};

struct finding_store *finding_store_new(void)
{
    struct finding_store *store = mem_alloc(sizeof *store);
    store->fd = -1;
    buf_init(&store->tail, MOST_BYTES);
    return store;
}

void finding_store_free(struct finding_store *store)
{
    if (store == NULL)
        return;
    if (store->fd >= 0)
        close(store->fd);
    buf_clear(&store->tail);
    mem_free(store->ends);
    mem_free(store);
}

static void write_tail(struct finding_store *store)
{
    struct err ignored = {0};
    if (store->fd < 0)
        store->fd = spool_open(&ignored);
    store->no_file = store->fd < 0 || spool_write(store->fd, store->written, store->tail.data,
                                                  store->tail.len, &ignored) != 0;
    if (store->no_file)
        return;
    store->written += store->tail.len;
    buf_reset(&store->tail);
}

static void note_end(struct finding_store *store)
{
    if (store->count == store->room) {
        store->room = 2 * store->room + 64;
        store->ends = mem_resize(store->ends, store->room * sizeof *store->ends);
    }
    store->ends[store->count++] = store->written + store->tail.len;
}

void finding_store_put(struct finding_store *store, const json_t *finding)
{
    json_write(finding, &store->tail);
    note_end(store);
    if (store->tail.len >= CHUNK && !store->no_file)
        write_tail(store);
}

size_t finding_store_count(const struct finding_store *store)
{
    return store->count;
}

static json_t *parse(const char *text, size_t length, struct err *err)
{
    json_t *finding = json_parse(text, length, err);
    if (finding == NULL) /* evidence may be nested deeper than what comes from outside */
        finding = json_loadb(text, length, JSON_ALLOW_NUL, NULL);
    if (finding == NULL)
        err_set(err, ERR_IO, "a temporary file was changed, or has lost what was written");
    return finding;
}

json_t *finding_store_get(struct finding_store *store, size_t index, struct err *err)
{
    uint64_t start = index > 0 ? store->ends[index - 1] : 0;
    size_t length = (size_t)(store->ends[index] - start);
    if (start >= store->written)
        return parse(buf_text(&store->tail) + (start - store->written), length, err);
    char *text = mem_alloc(length + 1);
    json_t *finding = NULL;
    if (spool_read(store->fd, start, text, length, err) == 0)
        finding = parse(text, length, err);
    mem_free(text);
    return finding;
}

void finding_store_empty(struct finding_store *store)
{
    if (store->fd >= 0)
        spool_empty(store->fd);
    store->count = 0;
    store->written = 0;
    store->no_file = false;
    buf_reset(&store->tail);
}
