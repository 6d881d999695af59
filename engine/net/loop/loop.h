/* The event loop: timers, descriptors (epoll) and deferred calls, one thread. Everything that waits
 * waits here. Serves http, retry, sources, the Lua scheduler; calls nobody above it.
 *
 * Callbacks may add and cancel anything, themselves included. A cancelled thing is never called. */
#ifndef NET_LOOP_LOOP_H
#define NET_LOOP_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_timer;
struct loop_watch;

typedef void (*loop_fn)(void *arg);
typedef void (*loop_fd_fn)(void *arg, int fd, bool readable, bool writable);

struct loop *loop_new(void);
void loop_free(struct loop *loop);

/* Calls fn once after `ms` milliseconds (0: at the next turn, never from within this call). The
 * handle is valid until it fired or was cancelled. */
struct loop_timer *loop_after(struct loop *loop, int64_t ms, loop_fn fn, void *arg);
void loop_cancel(struct loop *loop, struct loop_timer *timer); /* NULL is allowed */

/* Calls fn at the next turn, in order; cannot be cancelled. */
void loop_defer(struct loop *loop, loop_fn fn, void *arg);

/* Watches a descriptor until loop_unwatch. Regular files, which epoll refuses, are always ready. */
struct loop_watch *loop_watch(struct loop *loop, int fd, bool read, bool write, loop_fd_fn fn,
                              void *arg);
void loop_watch_change(struct loop *loop, struct loop_watch *watch, bool read, bool write);
void loop_unwatch(struct loop *loop, struct loop_watch *watch); /* NULL is allowed */

/* Turns until loop_stop or until nothing is left to wait for (no timer, watch or deferred call; the
 * HTTP layer's own housekeeping watches and timers do not count: see loop_background). */
void loop_run(struct loop *loop);
/* One turn: waits at most wait_ms (-1: as long as it takes). False when nothing is left. */
bool loop_turn(struct loop *loop, int64_t wait_ms);
void loop_stop(struct loop *loop);
/* Did loop_run end by loop_stop? */
bool loop_was_stopped(const struct loop *loop);

/* Adjusts the count of things that do (+1, a transfer in flight) or do not (-1, an idle kept-alive
 * connection's watch) keep loop_run going. */
void loop_hold(struct loop *loop, int delta);
/* Marks a watch or timer as housekeeping that keeps nothing going. */
void loop_watch_background(struct loop_watch *watch);
void loop_timer_background(struct loop *loop, struct loop_timer *timer);

/* Says whether something needs the loop soon (a signal waits, the time is up), though it cannot
 * have it now. Whoever keeps the loop long asks from time to time, and then gives it back. */
typedef bool (*loop_urgent_fn)(void *arg);
void loop_on_urgent(struct loop *loop, loop_urgent_fn fn, void *arg);
bool loop_urgent(const struct loop *loop);

/* Time of the current turn, as clock_mono_ms. */
int64_t loop_now(const struct loop *loop);

#endif
