/* The timers of the loop: a binary heap by due time, then by order of arrival. Serves loop.c only.
 * The heap owns a timer until it is taken or removed; then the caller owns it. */
#ifndef NET_LOOP_TIMERS_H
#define NET_LOOP_TIMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/loop/loop.h"

struct loop_timer {
    int64_t due;
    uint64_t sequence;
    size_t index; /* index in the heap */
    loop_fn fn;
    void *arg;
    bool background;
};

struct timers {
    struct loop_timer **heap;
    size_t count;
    size_t capacity;
    uint64_t sequence; /* of the next timer */
};

struct loop_timer *timers_add(struct timers *timers, int64_t due, loop_fn fn, void *arg);
void timers_remove(struct timers *timers, struct loop_timer *timer);
struct loop_timer *timers_first(const struct timers *timers); /* NULL if there is none */
void timers_clear(struct timers *timers);                     /* frees all */

#endif
