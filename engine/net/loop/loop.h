/* The event loop: timers, file descriptors (epoll) and deferred calls, in one thread. All waiting
 * happens here. Serves http, retry, sources, the Lua scheduler; calls nothing above it.
 *
 * Callbacks may add and cancel anything, including themselves. A callback that was cancelled is
 * never called. */
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
 * handle is valid until the timer fires or is cancelled. */
struct loop_timer *loop_after(struct loop *loop, int64_t ms, loop_fn fn, void *arg);
void loop_cancel(struct loop *loop, struct loop_timer *timer); /* NULL is allowed */

/* Calls fn at the next turn, in order of the calls. It cannot be cancelled. */
void loop_defer(struct loop *loop, loop_fn fn, void *arg);

/* Calls fn when the loop has nothing else to do at the moment: no event, due timer or deferred
 * call; at the latest after a few milliseconds. For work that becomes cheaper if more of it gathers
 * first. */
void loop_when_idle(struct loop *loop, loop_fn fn, void *arg);
/* Cancels all such calls of fn with this argument. */
void loop_cancel_idle(struct loop *loop, loop_fn fn, void *arg);

/* Watches a file descriptor until loop_unwatch. Regular files, which epoll refuses, are always
 * ready. */
struct loop_watch *loop_watch(struct loop *loop, int fd, bool read, bool write, loop_fd_fn fn,
                              void *arg);
void loop_watch_change(struct loop *loop, struct loop_watch *watch, bool read, bool write);
void loop_unwatch(struct loop *loop, struct loop_watch *watch); /* NULL is allowed */

/* Runs turns until loop_stop, or until there is nothing to wait for: no timer, watch or deferred
 * call. Background watches and timers of the HTTP layer do not count (see loop_watch_background and
 * loop_timer_background). */
void loop_run(struct loop *loop);
/* Runs one turn: waits at most wait_ms (-1: without limit). Returns false if there is nothing to
 * wait for. */
bool loop_turn(struct loop *loop, int64_t wait_ms);
void loop_stop(struct loop *loop);
/* Was loop_run ended by loop_stop? */
bool loop_was_stopped(const struct loop *loop);

/* Changes the number of reasons to keep loop_run going: +1 for a transfer in flight, -1 for a watch
 * that should not count, such as that of an idle kept-alive connection. */
void loop_hold(struct loop *loop, int delta);
/* Marks a watch as background: it does not keep the loop running. */
void loop_watch_background(struct loop_watch *watch);
void loop_timer_background(struct loop *loop, struct loop_timer *timer);

/* Says whether something needs the loop soon (a signal is pending, the time is up). Code that keeps
 * the loop busy for long calls it from time to time, and returns to the loop if it returns true. */
typedef bool (*loop_urgent_fn)(void *arg);
void loop_on_urgent(struct loop *loop, loop_urgent_fn fn, void *arg);
bool loop_urgent(const struct loop *loop);

/* The time of the current turn, on the clock of clock_mono_ms. */
int64_t loop_now(const struct loop *loop);

#endif
