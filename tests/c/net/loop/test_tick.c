/* The tick interrupts a run that lasts long, and nothing else. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/loop/tick.h"

static void interrupt(void *arg)
{
    *(volatile sig_atomic_t *)arg = 1;
}

static void wait_for(const volatile sig_atomic_t *interrupted)
{
    while (*interrupted == 0)
        continue;
}

/* Runs code that only the tick can end. */
static void run_endlessly(void)
{
    struct tick tick;
    volatile sig_atomic_t interrupted = 0;
    assert_true(tick_begin(&tick, interrupt, (void *)&interrupted));
    wait_for(&interrupted);
    tick_end(&tick);
}

/* The number of signals that come within this time. */
static int signals_within(long ms)
{
    struct timespec left = {.tv_nsec = ms * 1000000};
    int count = 0;
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        count++;
    return count;
}

/* The kernel refuses the timer if no signal may be pending. */
static void says_that_there_is_no_timer(void **state)
{
    (void)state;
    const struct rlimit none = {0, 0};
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        struct tick tick;
        bool refused =
            setrlimit(RLIMIT_SIGPENDING, &none) == 0 && !tick_begin(&tick, interrupt, NULL);
        tick_end(&tick);
        _exit(refused ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* main has blocked the signal. */
static void interrupts_each_run(void **state)
{
    (void)state;
    run_endlessly();
    run_endlessly();
}

/* A run within a run must not leave the outer one without a tick. */
static void goes_on_after_an_inner_run(void **state)
{
    (void)state;
    struct tick outer;
    volatile sig_atomic_t interrupted = 0;
    assert_true(tick_begin(&outer, interrupt, (void *)&interrupted));
    run_endlessly();
    interrupted = 0;
    wait_for(&interrupted);
    tick_end(&outer);
}

static void stops_with_the_run(void **state)
{
    (void)state;
    run_endlessly();
    assert_int_equal(signals_within(5 * TICK_MS), 0);
}

/* The time is the run's own, not what other programs take. */
static void counts_cpu_time(void **state)
{
    (void)state;
    struct tick tick;
    volatile sig_atomic_t interrupted = 0;
    assert_true(tick_begin(&tick, interrupt, (void *)&interrupted));
    assert_int_equal(signals_within(10 * TICK_MS), 0);
    tick_end(&tick);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_that_there_is_no_timer),
        cmocka_unit_test(interrupts_each_run),
        cmocka_unit_test(goes_on_after_an_inner_run),
        cmocka_unit_test(stops_with_the_run),
        cmocka_unit_test(counts_cpu_time),
    };
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGURG);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
