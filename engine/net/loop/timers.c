#include "net/loop/timers.h"

#include <string.h>

#include "base/mem.h"

static bool before(const struct loop_timer *a, const struct loop_timer *b)
{
    return a->due != b->due ? a->due < b->due : a->sequence < b->sequence;
}

static void put(struct timers *timers, size_t index, struct loop_timer *timer)
{
    timers->heap[index] = timer;
    timer->index = index;
}

static void sift_up(struct timers *timers, struct loop_timer *timer)
{
    size_t index = timer->index;
    while (index > 0 && before(timer, timers->heap[(index - 1) / 2])) {
        put(timers, index, timers->heap[(index - 1) / 2]);
        index = (index - 1) / 2;
    }
    put(timers, index, timer);
}

static void sift_down(struct timers *timers, struct loop_timer *timer)
{
    size_t index = timer->index;
    for (;;) {
        size_t child = index * 2 + 1;
        if (child >= timers->count)
            break;
        if (child + 1 < timers->count && before(timers->heap[child + 1], timers->heap[child]))
            child++;
        if (!before(timers->heap[child], timer))
            break;
        put(timers, index, timers->heap[child]);
        index = child;
    }
    put(timers, index, timer);
}

struct loop_timer *timers_add(struct timers *timers, int64_t due, loop_fn fn, void *arg)
{
    struct loop_timer *timer = mem_alloc(sizeof *timer);
    timer->due = due;
    timer->sequence = timers->sequence++;
    timer->fn = fn;
    timer->arg = arg;
    if (timers->count == timers->capacity) {
        timers->capacity = timers->capacity == 0 ? 64 : timers->capacity * 2;
        timers->heap = mem_resize(timers->heap, timers->capacity * sizeof *timers->heap);
    }
    put(timers, timers->count++, timer);
    sift_up(timers, timer);
    return timer;
}

void timers_remove(struct timers *timers, struct loop_timer *timer)
{
    struct loop_timer *last = timers->heap[--timers->count];
    if (last == timer)
        return;
    put(timers, timer->index, last);
    sift_up(timers, last);
    sift_down(timers, last);
}

struct loop_timer *timers_first(const struct timers *timers)
{
    return timers->count > 0 ? timers->heap[0] : NULL;
}

void timers_clear(struct timers *timers)
{
    for (size_t i = 0; i < timers->count; i++)
        mem_free(timers->heap[i]);
    mem_free(timers->heap);
    memset(timers, 0, sizeof *timers);
}
