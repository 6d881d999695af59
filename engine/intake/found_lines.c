#include "intake/found_lines.h"

#include <jansson.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "base/store.h"

#define MOST_IN_MEMORY (1u << 20) /* bytes of lines */

struct queue {
    struct queue *next; /* all queues */
    size_t target;
    char *region;
    struct stored *first, **last;
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
    size_t *accounts;     /* lines of each account */
    size_t open_accounts; /* with lines */
    struct queue *queues; /* all */
    json_t *elsewhere;    /* "<target> <region>": the queue of another region */
    struct queue *turn;   /* whose turn is next, in the ring; NULL: no line waits */
    struct store *store;
    size_t count;
    char *last; /* the line that was taken last */
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

static void free_queue(struct store *store, struct queue *queue)
{
    while (queue->first != NULL) {
        struct stored *stored = queue->first;
        queue->first = stored->next;
        store_drop(store, stored);
    }
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

static void count_line(struct found_lines *lines, size_t target)
{
    struct place *place = &lines->places[target];
    lines->count++;
    place->count++;
    if (lines->accounts[place->account]++ == 0)
        lines->open_accounts++;
}

static void discount_line(struct found_lines *lines, size_t target)
{
    struct place *place = &lines->places[target];
    lines->count--;
    place->count--;
    if (--lines->accounts[place->account] == 0)
        lines->open_accounts--;
}

void found_lines_put(struct found_lines *lines, size_t target, const char *region,
                     const void *bytes, size_t length)
{
    struct queue *queue = queue_of(lines, target, region);
    if (queue->first == NULL)
        enter_ring(lines, queue);
    struct stored *stored = store_put(lines->store, bytes, length);
    *queue->last = stored;
    queue->last = &stored->next;
    count_line(lines, target);
}

static const void *take_from(struct found_lines *lines, struct queue *queue, size_t *length,
                             struct err *err)
{
    struct stored *stored = queue->first;
    lines->turn = queue->after;
    queue->first = stored->next;
    if (queue->first == NULL) {
        queue->last = &queue->first;
        leave_ring(lines, queue);
    }
    discount_line(lines, queue->target);
    lines->last = store_take(lines->store, stored, length, err);
    return lines->last;
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
