#include "net/loop/loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "net/loop/timers.h"

#define EVENTS_PER_TURN 256
#define LONGEST_WAIT_MS 3600000 /* so that no sum overflows an int */
#define LONGEST_BUSY_MS 5       /* then calls for an idle loop are made anyway */
#define LONGEST_FIRING_MS 50    /* then events are looked for, before more timers fire */
#define FIRED_AT_ONCE 8         /* between two looks at the clock */

struct loop_watch {
    struct loop *loop;
    struct loop_watch *next;
    struct loop_watch *previous;
    int fd;
    bool read;
    bool write;
    uint32_t polled; /* the events registered with epoll; 0: not registered */
    bool always;     /* epoll refuses it: always ready */
    bool dead;       /* unwatched, but events may be pending: freed after the turn */
    bool background;
    loop_fd_fn fn;
    void *arg;
};

struct deferred {
    loop_fn fn;
    void *arg;
};

struct deferred_list {
    struct deferred *items;
    size_t count;
    size_t capacity;
};

struct loop {
    int epoll;
    int holds; /* number of reasons to keep loop_run going */
    bool stopped;
    int64_t now;
    struct timers timers;
    struct deferred_list deferred;
    struct deferred_list idle; /* calls to make when the loop is idle */
    int64_t idle_since;        /* when the first of them was queued */
    struct loop_watch *watches;
    struct loop_watch *dead_watches; /* dead watches, linked by next */
    size_t always_count;
    loop_urgent_fn urgent;
    void *urgent_arg;
};

struct loop *loop_new(void)
{
    struct loop *loop = mem_alloc(sizeof *loop);
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll < 0) {
        perror("engine: epoll_create1");
        abort();
    }
    loop->now = clock_mono_ms();
    return loop;
}

static void free_watches(struct loop_watch *watch)
{
    while (watch != NULL) {
        struct loop_watch *next = watch->next;
        mem_free(watch);
        watch = next;
    }
}

void loop_free(struct loop *loop)
{
    if (loop == NULL)
        return;
    free_watches(loop->watches);
    free_watches(loop->dead_watches);
    timers_clear(&loop->timers);
    mem_free(loop->deferred.items);
    mem_free(loop->idle.items);
    close(loop->epoll);
    mem_free(loop);
}

struct loop_timer *loop_after(struct loop *loop, int64_t ms, loop_fn fn, void *arg)
{
    /* Reads the clock instead of the turn's time: a long callback must not shorten the wait. */
    int64_t due = ms > 0 ? clock_mono_ms() + ms : loop->now;
    loop->holds++;
    return timers_add(&loop->timers, due, fn, arg);
}

static void drop_timer(struct loop *loop, struct loop_timer *timer)
{
    timers_remove(&loop->timers, timer);
    loop->holds -= !timer->background;
    mem_free(timer);
}

void loop_cancel(struct loop *loop, struct loop_timer *timer)
{
    if (timer != NULL)
        drop_timer(loop, timer);
}

void loop_timer_background(struct loop *loop, struct loop_timer *timer)
{
    loop->holds -= !timer->background;
    timer->background = true;
}

static void add_deferred(struct deferred_list *list, loop_fn fn, void *arg)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 16 : list->capacity * 2;
        list->items = mem_resize(list->items, list->capacity * sizeof *list->items);
    }
    list->items[list->count++] = (struct deferred){fn, arg};
}

void loop_defer(struct loop *loop, loop_fn fn, void *arg)
{
    add_deferred(&loop->deferred, fn, arg);
    loop->holds++;
}

void loop_when_idle(struct loop *loop, loop_fn fn, void *arg)
{
    if (loop->idle.count == 0)
        loop->idle_since = clock_mono_ms();
    add_deferred(&loop->idle, fn, arg);
    loop->holds++;
}

void loop_cancel_idle(struct loop *loop, loop_fn fn, void *arg)
{
    struct deferred_list *list = &loop->idle;
    size_t left = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].fn != fn || list->items[i].arg != arg)
            list->items[left++] = list->items[i];
    }
    loop->holds -= (int)(list->count - left);
    list->count = left;
}

static void set_always(struct loop *loop, struct loop_watch *watch, bool always)
{
    if (watch->always != always)
        loop->always_count += always ? 1 : (size_t)-1;
    watch->always = always;
}

static void leave_epoll(struct loop *loop, struct loop_watch *watch)
{
    if (watch->polled != 0)
        epoll_ctl(loop->epoll, EPOLL_CTL_DEL, watch->fd, NULL);
    watch->polled = 0;
}

/* A file that epoll refuses (a regular file: EPERM) counts as ready; reading it then shows any
 * error. A watch for no events stays registered: it may be for the same events again before one
 * arrives, as the watch of a kept-alive connection is between two requests. */
static void update_epoll(struct loop *loop, struct loop_watch *watch)
{
    uint32_t wanted =
        (watch->read ? (uint32_t)EPOLLIN : 0u) | (watch->write ? (uint32_t)EPOLLOUT : 0u);
    struct epoll_event event = {.events = wanted, .data.ptr = watch};
    bool refused = false;
    if (wanted != 0 && wanted != watch->polled) {
        int operation = watch->polled != 0 ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
        refused = epoll_ctl(loop->epoll, operation, watch->fd, &event) != 0;
        watch->polled = refused ? 0 : wanted;
    }
    set_always(loop, watch, refused);
}

struct loop_watch *loop_watch(struct loop *loop, int fd, bool read, bool write, loop_fd_fn fn,
                              void *arg)
{
    struct loop_watch *watch = mem_alloc(sizeof *watch);
    watch->loop = loop;
    watch->fd = fd;
    watch->read = read;
    watch->write = write;
    watch->fn = fn;
    watch->arg = arg;
    watch->next = loop->watches;
    if (watch->next != NULL)
        watch->next->previous = watch;
    loop->watches = watch;
    loop->holds++;
    update_epoll(loop, watch);
    return watch;
}

void loop_watch_change(struct loop *loop, struct loop_watch *watch, bool read, bool write)
{
    if (watch->read == read && watch->write == write)
        return;
    watch->read = read;
    watch->write = write;
    update_epoll(loop, watch);
}

void loop_unwatch(struct loop *loop, struct loop_watch *watch)
{
    if (watch == NULL)
        return;
    if (watch->previous != NULL)
        watch->previous->next = watch->next;
    else
        loop->watches = watch->next;
    if (watch->next != NULL)
        watch->next->previous = watch->previous;
    leave_epoll(loop, watch);
    set_always(loop, watch, false);
    loop->holds -= !watch->background;
    watch->dead = true;
    watch->next = loop->dead_watches;
    loop->dead_watches = watch;
}

void loop_watch_background(struct loop_watch *watch)
{
    watch->loop->holds -= !watch->background;
    watch->background = true;
}

void loop_hold(struct loop *loop, int delta)
{
    loop->holds += delta;
}

void loop_on_urgent(struct loop *loop, loop_urgent_fn fn, void *arg)
{
    loop->urgent = fn;
    loop->urgent_arg = arg;
}

bool loop_urgent(const struct loop *loop)
{
    return loop->urgent != NULL && loop->urgent(loop->urgent_arg);
}

int64_t loop_now(const struct loop *loop)
{
    return loop->now;
}

bool loop_was_stopped(const struct loop *loop)
{
    return loop->stopped;
}

void loop_stop(struct loop *loop)
{
    loop->stopped = true;
}

static int wait_time(const struct loop *loop, int64_t most)
{
    if (loop->holds <= 0 || loop->deferred.count > 0 || loop->always_count > 0 ||
        loop->idle.count > 0)
        return 0;
    const struct loop_timer *first = timers_first(&loop->timers);
    int64_t left = first != NULL ? first->due - clock_mono_ms() : LONGEST_WAIT_MS;
    if (most >= 0 && left > most)
        left = most;
    if (left > LONGEST_WAIT_MS)
        left = LONGEST_WAIT_MS;
    return left > 0 ? (int)left : 0;
}

static void call_watch(struct loop_watch *watch, uint32_t events)
{
    bool broken = (events & (EPOLLERR | EPOLLHUP)) != 0;
    bool readable = watch->read && (broken || (events & EPOLLIN) != 0);
    bool writable = watch->write && (broken || (events & EPOLLOUT) != 0);
    if (watch->dead)
        return;
    if (!watch->read && !watch->write)
        leave_epoll(watch->loop, watch); /* else epoll would report the event in every turn */
    else if (readable || writable)
        watch->fn(watch->arg, watch->fd, readable, writable);
}

/* Copies the list first, because callbacks change the loop's list. */
static void call_always_ready(struct loop *loop)
{
    size_t count = 0;
    struct loop_watch **ready = mem_alloc(loop->always_count * sizeof(struct loop_watch *));
    for (struct loop_watch *watch = loop->watches; watch != NULL; watch = watch->next) {
        if (watch->always)
            ready[count++] = watch;
    }
    for (size_t i = 0; i < count; i++)
        call_watch(ready[i], EPOLLIN | EPOLLOUT);
    mem_free(ready);
}

/* Fires the timers that are due and were added before this turn, which have sequence numbers below
 * `end`. A timer added during this turn waits for the next one, and so do those behind it: if a
 * deferred call added one without delay, these are the timers that came due after that. Those that
 * are left if it takes long also fire in the next turn. Returns false if none was fired. */
static bool fire_timers(struct loop *loop, uint64_t end)
{
    for (unsigned fired = 0;; fired++) {
        struct loop_timer *timer = timers_first(&loop->timers);
        if (timer == NULL || timer->due > loop->now || timer->sequence >= end)
            return fired > 0;
        if (fired > 0 && fired % FIRED_AT_ONCE == 0 &&
            clock_mono_ms() - loop->now >= LONGEST_FIRING_MS)
            return true;
        loop_fn fn = timer->fn;
        void *arg = timer->arg;
        drop_timer(loop, timer);
        fn(arg);
    }
}

/* Runs the calls that are in the list now. Returns false if there are none. A call may run turns of
 * its own, so the list is taken out of the loop first. */
static bool run_list(struct loop *loop, struct deferred_list *list)
{
    struct deferred_list running = *list;
    *list = (struct deferred_list){0};
    for (size_t i = 0; i < running.count; i++) {
        loop->holds--;
        running.items[i].fn(running.items[i].arg);
    }
    mem_free(running.items);
    return running.count > 0;
}

static void run_idle(struct loop *loop, bool busy)
{
    busy = busy || loop->deferred.count > 0 || loop->always_count > 0;
    if (loop->idle.count > 0 && (!busy || loop->now - loop->idle_since >= LONGEST_BUSY_MS))
        run_list(loop, &loop->idle);
}

static void free_later(struct loop *loop)
{
    free_watches(loop->dead_watches);
    loop->dead_watches = NULL;
}

bool loop_turn(struct loop *loop, int64_t wait_ms)
{
    struct epoll_event events[EVENTS_PER_TURN];
    uint64_t end = loop->timers.sequence;
    loop->now = clock_mono_ms();
    /* The caller may be waiting for what a deferred call did. */
    bool busy = run_list(loop, &loop->deferred);
    int wait = busy ? 0 : wait_time(loop, wait_ms);
    int count = epoll_wait(loop->epoll, events, EVENTS_PER_TURN, wait);
    loop->now = clock_mono_ms();
    for (int i = 0; i < count; i++)
        call_watch(events[i].data.ptr, events[i].events);
    if (loop->always_count > 0)
        call_always_ready(loop);
    busy |= count > 0;
    busy |= fire_timers(loop, end);
    run_idle(loop, busy);
    free_later(loop);
    return loop->holds > 0;
}

void loop_run(struct loop *loop)
{
    loop->stopped = false;
    while (!loop->stopped && loop_turn(loop, -1))
        continue;
}
