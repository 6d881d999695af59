#include "net/loop/tick.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

enum state { TICK_NEW, TICK_READY, TICK_NONE };

static enum state state;
static timer_t timer;
static volatile sig_atomic_t armed; /* the timer runs */
/* The handler runs in this thread only, so it needs no lock, but the compiler must not move what it
 * reads past this pointer. */
static struct tick *volatile running;

static void set_running(struct tick *tick)
{
    atomic_signal_fence(memory_order_seq_cst);
    running = tick;
    atomic_signal_fence(memory_order_seq_cst);
}

static int set_timer(long ms)
{
    const struct timespec every = {.tv_nsec = ms * 1000000};
    const struct itimerspec value = {.it_interval = every, .it_value = every};
    int failed = timer_settime(timer, 0, &value, NULL);
    armed = failed == 0 && ms > 0;
    return failed;
}

/* The timer was started for an earlier run, so the first signal in a run may come too soon. */
static void on_signal(int number)
{
    const int saved = errno;
    struct tick *tick = running;
    (void)number;
    if (tick == NULL)
        set_timer(0);
    else if (!tick->due)
        tick->due = true;
    else
        tick->fn(tick->arg);
    errno = saved;
}

/* A child has no timer of its parent. */
static void forget_timer(void)
{
    state = TICK_NEW;
    armed = 0;
}

/* A parent may have blocked the signal. */
static void allow_signal(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGURG);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static enum state make(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGURG};
    event.sigev_notify_thread_id = gettid();
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGURG, &action, NULL) != 0 || pthread_atfork(NULL, NULL, forget_timer) != 0)
        return TICK_NONE;
    if (timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer) != 0)
        return TICK_NONE;
    allow_signal();
    return TICK_READY;
}

/* `running` is set first: a signal that comes before it stops the timer, which then is started. */
bool tick_begin(struct tick *tick, tick_fn fn, void *arg)
{
    if (state == TICK_NEW)
        state = make();
    *tick = (struct tick){.fn = fn, .arg = arg, .outer = running};
    set_running(tick);
    if (state == TICK_READY && armed)
        return true;
    tick->due = true;
    if (state == TICK_READY && set_timer(TICK_MS) == 0)
        return true;
    set_running(tick->outer);
    tick->fn = NULL;
    return false;
}

void tick_end(struct tick *tick)
{
    if (tick->fn == NULL)
        return;
    set_running(tick->outer);
    tick->fn = NULL;
}
