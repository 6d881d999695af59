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

static int64_t cpu_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void burn(int64_t ms)
{
    int64_t end = cpu_us() + ms * 1000;
    while (cpu_us() < end)
        continue;
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
    sigset_t set, pending;
    sigemptyset(&set);
    sigaddset(&set, SIGURG);
    run_endlessly();
    assert_int_equal(signals_within(5 * TICK_MS), 0);
    burn(5 * TICK_MS); /* one signal may come */
    sigprocmask(SIG_BLOCK, &set, NULL);
    burn(5 * TICK_MS);
    sigpending(&pending);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    assert_false(sigismember(&pending, SIGURG));
}

/* The timer may have been started long before the run. */
static void leaves_short_runs_alone(void **state)
{
    (void)state;
    struct tick tick;
    volatile sig_atomic_t interrupted = 0;
    for (int i = 0; i < 150; i++) {
        assert_true(tick_begin(&tick, interrupt, (void *)&interrupted));
        burn(TICK_MS / 10);
        tick_end(&tick);
    }
    assert_int_equal(interrupted, 0);
}

/* A child process does not have the timer of its parent. */
static void interrupts_runs_of_a_child(void **state)
{
    (void)state;
    int status = -1;
    run_endlessly();
    pid_t child = fork();
    if (child == 0) {
        run_endlessly();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
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
        cmocka_unit_test(leaves_short_runs_alone),
        cmocka_unit_test(interrupts_runs_of_a_child),
        cmocka_unit_test(counts_cpu_time),
    };
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGURG);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
