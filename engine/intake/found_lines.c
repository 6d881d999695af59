#include "intake/found_lines.h"

#include "base/backlog.h"
#include "base/mem.h"

struct queue {
    struct backlog *backlog; /* NULL: nothing waits */
    size_t count;
};

struct found_lines {
    struct queue *queues; /* by target */
    size_t *open;         /* targets of which lines wait */
    size_t open_count;
    size_t turn; /* index in `open` of the target whose turn is next */
    size_t count;
    struct backlog *last; /* of the line taken last, if it was the last of its target */
};

struct found_lines *found_lines_new(size_t targets)
{
    struct found_lines *lines = mem_alloc(sizeof *lines);
    *lines = (struct found_lines){.queues = mem_alloc((targets + 1) * sizeof *lines->queues),
                                  .open = mem_alloc((targets + 1) * sizeof *lines->open)};
    return lines;
}

void found_lines_free(struct found_lines *lines)
{
    if (lines == NULL)
        return;
    for (size_t i = 0; i < lines->open_count; i++)
        backlog_free(lines->queues[lines->open[i]].backlog);
    backlog_free(lines->last);
    mem_free(lines->queues);
    mem_free(lines->open);
    mem_free(lines);
}

void found_lines_put(struct found_lines *lines, size_t target, const void *bytes, size_t length)
{
    struct queue *queue = &lines->queues[target];
    if (queue->backlog == NULL) {
        queue->backlog = backlog_new();
        lines->open[lines->open_count++] = target;
    }
    backlog_put(queue->backlog, bytes, length);
    queue->count++;
    lines->count++;
}

size_t found_lines_count(const struct found_lines *lines)
{
    return lines->count;
}

size_t found_lines_of(const struct found_lines *lines, size_t target)
{
    return lines->queues[target].count;
}

/* The bytes of the last line stay valid until the next call. */
static void close_queue(struct found_lines *lines, size_t at)
{
    struct queue *queue = &lines->queues[lines->open[at]];
    lines->last = queue->backlog;
    *queue = (struct queue){0};
    lines->open[at] = lines->open[--lines->open_count];
}

static const void *take_from(struct found_lines *lines, size_t at, size_t *length, struct err *err)
{
    struct queue *queue = &lines->queues[lines->open[at]];
    const void *bytes = backlog_take(queue->backlog, length, err);
    /* All lines behind a lost one are lost. */
    lines->count -= bytes != NULL ? 1 : queue->count;
    queue->count = bytes != NULL ? queue->count - 1 : 0;
    lines->turn = at + (queue->count > 0);
    if (queue->count == 0)
        close_queue(lines, at);
    return bytes;
}

const void *found_lines_take(struct found_lines *lines, size_t *length, struct err *err,
                             bool (*may)(void *arg, size_t target), void *arg)
{
    backlog_free(lines->last);
    lines->last = NULL;
    for (size_t i = 0; i < lines->open_count; i++) {
        size_t at = (lines->turn + i) % lines->open_count;
        if (may(arg, lines->open[at]))
            return take_from(lines, at, length, err);
    }
    return NULL;
}
