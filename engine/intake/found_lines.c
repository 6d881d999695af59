#include "intake/found_lines.h"

#include <jansson.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "base/store.h"

#define MOST_IN_MEMORY (1u << 20) /* bytes of batches */
/* Lines are stored in batches of so many bytes, because each item of a store takes memory. */
#define BATCH 2048
#define FIRST_ROOM 256

/* Lines, one after the other, each after its length (size_t). */
struct batch {
    char *bytes; /* NULL: none */
    size_t at, end, room;
};

struct queue {
    struct queue *next; /* all queues */
    size_t target;
    char *region;
    struct batch head;            /* the oldest lines */
    struct stored *first, **last; /* batches after it */
    struct batch tail;            /* the newest lines */
    size_t count, bytes;
    struct queue *after, *before; /* the ring of queues with lines */
    void *mark;
};

struct place { /* of a target */
    size_t count;
    size_t account;      /* index in accounts */
    struct queue *queue; /* that of the target's own region; NULL: none yet */
};

struct found_lines {
    const struct poll_target *targets;
    struct place *places; /* by target */
    size_t *accounts;     /* lines of each account that count */
    size_t open_accounts; /* with lines */
    struct queue *queues; /* all */
    json_t *elsewhere;    /* "<target> <region>": the queue of another region */
    struct queue *turn;   /* whose turn is next, in the ring; NULL: no line waits */
    struct store *store;
    size_t count, counted, bytes;
    char *last; /* the batch of which the last line was taken; NULL: it is still a queue's */
};

struct found_lines *found_lines_new(const struct poll_target *targets, size_t count)
{
    struct found_lines *lines = mem_alloc(sizeof *lines);
    *lines = (struct found_lines){.targets = targets,
                                  .places = mem_alloc((count + 1) * sizeof *lines->places),
                                  .accounts = mem_alloc((count + 1) * sizeof *lines->accounts),
                                  .elsewhere = json_object(),
                                  .store = store_new(MOST_IN_MEMORY)};
    for (size_t i = 1; i < count; i++) {
        bool same = strcmp(targets[i].account, targets[i - 1].account) == 0;
        lines->places[i].account = lines->places[i - 1].account + !same;
    }
    return lines;
}

static void drop_batches(struct store *store, struct queue *queue)
{
    while (queue->first != NULL) {
        struct stored *stored = queue->first;
        queue->first = stored->next;
        store_drop(store, stored);
    }
    queue->last = &queue->first;
    mem_free(queue->head.bytes);
    mem_free(queue->tail.bytes);
    queue->head = queue->tail = (struct batch){0};
}

static void free_queue(struct store *store, struct queue *queue)
{
    drop_batches(store, queue);
    mem_free(queue->region);
    mem_free(queue);
}

void found_lines_free(struct found_lines *lines)
{
    if (lines == NULL)
        return;
    while (lines->queues != NULL) {
        struct queue *queue = lines->queues;
        lines->queues = queue->next;
        free_queue(lines->store, queue);
    }
    store_free(lines->store);
    json_decref(lines->elsewhere);
    mem_free(lines->last);
    mem_free(lines->places);
    mem_free(lines->accounts);
    mem_free(lines);
}

size_t found_lines_count(const struct found_lines *lines)
{
    return lines->count;
}

size_t found_lines_counted(const struct found_lines *lines)
{
    return lines->counted;
}

size_t found_lines_bytes(const struct found_lines *lines)
{
    return lines->bytes;
}

size_t found_lines_of(const struct found_lines *lines, size_t target)
{
    return lines->places[target].count;
}

size_t found_lines_of_account(const struct found_lines *lines, size_t target)
{
    return lines->accounts[lines->places[target].account];
}

size_t found_lines_accounts(const struct found_lines *lines)
{
    return lines->open_accounts;
}

/* ---- queues ---- */

static struct queue *add_queue(struct found_lines *lines, size_t target, const char *region)
{
    struct queue *queue = mem_alloc(sizeof *queue);
    *queue = (struct queue){.next = lines->queues, .target = target, .region = mem_strdup(region)};
    queue->last = &queue->first;
    lines->queues = queue;
    return queue;
}

static struct queue *queue_elsewhere(struct found_lines *lines, size_t target, const char *region)
{
    char *name = mem_printf("%zu %s", target, region);
    /* JSON has no pointers, so an integer holds one. */
    struct queue *queue =
        (struct queue *)(intptr_t)json_integer_value(json_object_get(lines->elsewhere, name));
    if (queue == NULL) {
        queue = add_queue(lines, target, region);
        json_object_set_new_nocheck(lines->elsewhere, name,
                                    json_integer((json_int_t)(intptr_t)queue));
    }
    mem_free(name);
    return queue;
}

static struct queue *queue_of(struct found_lines *lines, size_t target, const char *region)
{
    struct place *place = &lines->places[target];
    if (strcmp(region, lines->targets[target].region) != 0)
        return queue_elsewhere(lines, target, region);
    if (place->queue == NULL)
        place->queue = add_queue(lines, target, region);
    return place->queue;
}

/* The queue is the last whose turn it is. */
static void enter_ring(struct found_lines *lines, struct queue *queue)
{
    struct queue *after = lines->turn != NULL ? lines->turn : queue;
    struct queue *before = lines->turn != NULL ? after->before : queue;
    queue->after = after;
    queue->before = before;
    before->after = queue;
    after->before = queue;
    lines->turn = after;
}

static void leave_ring(struct found_lines *lines, struct queue *queue)
{
    queue->before->after = queue->after;
    queue->after->before = queue->before;
    if (lines->turn == queue)
        lines->turn = queue->after != queue ? queue->after : NULL;
}

/* ---- lines ---- */

static void count_line(struct found_lines *lines, struct queue *queue, size_t length)
{
    struct place *place = &lines->places[queue->target];
    queue->count++;
    queue->bytes += length;
    lines->count++;
    lines->bytes += length;
    if (++place->count > FOUND_LINES_COUNTED)
        return;
    lines->counted++;
    if (lines->accounts[place->account]++ == 0)
        lines->open_accounts++;
}

static void discount_line(struct found_lines *lines, struct queue *queue, size_t length)
{
    struct place *place = &lines->places[queue->target];
    queue->count--;
    queue->bytes -= length;
    lines->count--;
    lines->bytes -= length;
    if (place->count-- > FOUND_LINES_COUNTED)
        return;
    lines->counted--;
    if (--lines->accounts[place->account] == 0)
        lines->open_accounts--;
}

static void append(struct batch *batch, const void *bytes, size_t length)
{
    size_t end = batch->end + sizeof length + length;
    size_t room = batch->room > 0 ? batch->room : FIRST_ROOM;
    while (room < end)
        room *= 2;
    if (room > batch->room)
        batch->bytes = mem_resize(batch->bytes, room);
    batch->room = room;
    memcpy(batch->bytes + batch->end, &length, sizeof length);
    memcpy(batch->bytes + batch->end + sizeof length, bytes, length);
    batch->end = end;
}

static void store_tail(struct found_lines *lines, struct queue *queue)
{
    struct stored *stored = store_put(lines->store, queue->tail.bytes, queue->tail.end);
    *queue->last = stored;
    queue->last = &stored->next;
    queue->tail.end = 0;
    if (queue->tail.room <= BATCH)
        return;
    mem_free(queue->tail.bytes);
    queue->tail = (struct batch){0};
}

void found_lines_put(struct found_lines *lines, size_t target, const char *region,
                     const void *bytes, size_t length)
{
    struct queue *queue = queue_of(lines, target, region);
    if (queue->count == 0)
        enter_ring(lines, queue);
    if (queue->tail.end > 0 && queue->tail.end + sizeof length + length > BATCH)
        store_tail(lines, queue);
    append(&queue->tail, bytes, length);
    count_line(lines, queue, length);
}

/* If a batch cannot be read, so cannot what else the file has: all lines of the queue are lost. */
static void lose(struct found_lines *lines, struct queue *queue)
{
    drop_batches(lines->store, queue);
    while (queue->count > 0)
        discount_line(lines, queue, queue->count == 1 ? queue->bytes : 0);
}

/* The head has a line after this, or it returns -1. */
static int fill_head(struct found_lines *lines, struct queue *queue, struct err *err)
{
    struct batch *head = &queue->head;
    struct stored *stored = queue->first;
    if (head->bytes != NULL)
        return 0;
    if (stored == NULL) {
        *head = queue->tail;
        queue->tail = (struct batch){0};
        return 0;
    }
    queue->first = stored->next;
    if (queue->first == NULL)
        queue->last = &queue->first;
    head->at = 0;
    head->bytes = store_take(lines->store, stored, &head->end, err);
    return head->bytes != NULL ? 0 : -1;
}

static const void *take_line(struct found_lines *lines, struct queue *queue, size_t *length)
{
    struct batch *head = &queue->head;
    memcpy(length, head->bytes + head->at, sizeof *length);
    const void *line = head->bytes + head->at + sizeof *length;
    head->at += sizeof *length + *length;
    if (head->at == head->end) {
        lines->last = head->bytes;
        *head = (struct batch){0};
    }
    discount_line(lines, queue, *length);
    return line;
}

static const void *take_from(struct found_lines *lines, struct queue *queue, size_t *length,
                             struct err *err)
{
    const void *line = NULL;
    lines->turn = queue->after;
    if (fill_head(lines, queue, err) == 0)
        line = take_line(lines, queue, length);
    else
        lose(lines, queue);
    if (queue->count == 0)
        leave_ring(lines, queue);
    return line;
}

const void *found_lines_take(struct found_lines *lines, size_t *length, struct err *err,
                             found_lines_may may, void *arg)
{
    struct queue *queue = lines->turn;
    mem_free(lines->last);
    lines->last = NULL;
    while (queue != NULL) {
        if (may(arg, queue->target, queue->region, &queue->mark))
            return take_from(lines, queue, length, err);
        queue = queue->after != lines->turn ? queue->after : NULL;
    }
    return NULL;
}
