/* Interrupts code that runs long without returning to the loop. While such code runs, a timer of
 * the kernel sends a signal to this thread after each TICK_MS milliseconds of its CPU time, and its
 * handler calls a function: for the first time after TICK_MS, or up to TICK_LATEST_MS. CPU time,
 * because the code on a busy machine is no longer than elsewhere. Two system calls for each run
 * would cost more than most runs, so the timer goes on between runs; it stops at the first signal
 * that comes outside of one. The signal is SIGURG, which does nothing by default. Serves the Lua
 * host; calls only the system. */
#ifndef NET_LOOP_TICK_H
#define NET_LOOP_TICK_H

#include <stdbool.h>

#define TICK_MS 10
#define TICK_LATEST_MS (2 * TICK_MS)

/* Called in the signal handler: may only do what is allowed there. */
typedef void (*tick_fn)(void *arg);

/* One run of such code. Another run may begin and end within it. */
struct tick {
    tick_fn fn; /* NULL: it has no tick */
    void *arg;
    struct tick *outer; /* the run around it, or NULL */
    volatile bool due;  /* the next signal comes after at least TICK_MS of this run */
};

/* The run lasts from now on until tick_end, and the struct at least as long. Returns false if the
 * system has no timer for it: then it is not interrupted. */
bool tick_begin(struct tick *tick, tick_fn fn, void *arg);
void tick_end(struct tick *tick); /* does nothing for a run without a tick */

#endif
