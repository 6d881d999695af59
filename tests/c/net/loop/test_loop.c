/* The event loop: order, cancellation from anywhere, what keeps it running and what does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "net/loop/loop.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static struct loop *loop;
static char trace[256];
static struct loop_timer *timers[1000];
static struct loop_watch *watches[4];
static int ends[4]; /* two socket pairs */
static int count;

static int set_up(void **state)
{
    (void)state;
    loop = loop_new();
    trace[0] = '\0';
    count = 0;
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) |
           socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends + 2);
}

static int tear_down(void **state)
{
    (void)state;
    clock_replace(NULL, NULL);
    for (int i = 0; i < 4; i++)
        close(ends[i]);
    loop_free(loop);
    return 0;
}

/* Appends its argument, a text, to the trace. */
static void note(void *arg)
{
    const char *text = arg;
    size_t used = strlen(trace);
    assert_true(used + strlen(text) < sizeof trace);
    memcpy(trace + used, text, strlen(text) + 1);
}

static void test_nothing_to_do(void **state)
{
    (void)state;
    loop_run(loop);
    assert_false(loop_turn(loop, -1));
    loop_cancel(loop, NULL);
    loop_unwatch(loop, NULL);
    loop_free(NULL);
}

static void test_timer_order(void **state)
{
    (void)state;
    int64_t start = clock_mono_ms();
    loop_after(loop, 30, note, "d");
    loop_after(loop, 10, note, "b");
    loop_after(loop, 10, note, "c");
    loop_after(loop, -5, note, "a");
    loop_run(loop);
    assert_string_equal(trace, "abcd");
    assert_in_range(clock_mono_ms() - start, 30, 20000);
    assert_in_range(loop_now(loop) - start, 30, 20000);
}

static void again(void *arg)
{
    note("x");
    if (++count < 3)
        loop_after(loop, 0, again, arg);
}

static void test_timer_of_zero_waits_a_turn(void **state)
{
    (void)state;
    loop_after(loop, 0, again, NULL);
    assert_int_equal(count, 0);
    assert_true(loop_turn(loop, -1));
    assert_int_equal(count, 1);
    assert_true(loop_turn(loop, -1));
    assert_int_equal(count, 2);
    assert_false(loop_turn(loop, -1));
    assert_int_equal(count, 3);
}

static int64_t fake_now;

static int64_t fake_clock(void)
{
    return fake_now;
}

static void check_order(void *arg)
{
    static int64_t last;
    const int64_t *due = arg;
    if (count++ == 0)
        last = 0;
    assert_true(*due >= last && *due <= fake_now);
    last = *due;
}

/* A thousand timers at random times, half of them cancelled, in any order. */
static void test_heap(void **state)
{
    static int64_t dues[1000];
    (void)state;
    fake_now = 1000;
    clock_replace(NULL, fake_clock);
    srand(7);
    for (int i = 0; i < 1000; i++) {
        dues[i] = fake_now + rand() % 500;
        timers[i] = loop_after(loop, dues[i] - fake_now, check_order, &dues[i]);
    }
    for (int i = 0; i < 1000; i += 2)
        loop_cancel(loop, timers[i]);
    bool more = true;
    for (fake_now = 1000; fake_now <= 1500; fake_now += 25)
        more = loop_turn(loop, 0);
    assert_int_equal(count, 500);
    assert_false(more);
}

static void cancel_others(void *arg)
{
    (void)arg;
    note("c");
    loop_cancel(loop, timers[1]);
    loop_cancel(loop, timers[2]);
}

static void test_cancelled_timers_are_silent(void **state)
{
    (void)state;
    fake_now = 0;
    clock_replace(NULL, fake_clock);
    timers[0] = loop_after(loop, 5, cancel_others, NULL);
    timers[1] = loop_after(loop, 5, note, "never");
    timers[2] = loop_after(loop, 500, note, "never");
    timers[3] = loop_after(loop, 6, note, "d");
    fake_now = 10;
    loop_run(loop);
    assert_string_equal(trace, "cd");
}

static void defer_more(void *arg)
{
    note(arg);
    loop_defer(loop, note, "3");
    note("(");
}

static void test_defer(void **state)
{
    (void)state;
    loop_defer(loop, defer_more, "1");
    loop_defer(loop, note, "2");
    assert_string_equal(trace, "");
    assert_true(loop_turn(loop, -1));
    assert_string_equal(trace, "1(2");
    assert_false(loop_turn(loop, -1));
    assert_string_equal(trace, "1(23");
}

static void test_many_deferred(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++)
        loop_defer(loop, note, i % 2 == 0 ? "a" : "b");
    loop_run(loop);
    assert_int_equal(strlen(trace), 100);
    assert_memory_equal(trace, "abababab", 8);
}

static void stop(void *arg)
{
    (void)arg;
    loop_stop(loop);
}

static void test_stop(void **state)
{
    (void)state;
    loop_after(loop, 60000, note, "never");
    loop_defer(loop, stop, NULL);
    loop_run(loop);
    loop_after(loop, 5, stop, NULL);
    loop_run(loop);
    assert_string_equal(trace, "");
    assert_true(loop_turn(loop, 0));
    int64_t start = clock_mono_ms();
    assert_true(loop_turn(loop, 20));
    assert_in_range(clock_mono_ms() - start, 19, 20000);
}

static void read_one(void *arg, int fd, bool readable, bool writable)
{
    char byte[2] = "";
    assert_true(readable);
    assert_false(writable);
    assert_int_equal(fd, ends[0]);
    assert_int_equal(read(fd, byte, 1), 1);
    note(byte);
    if (byte[0] == '.')
        loop_unwatch(loop, *(struct loop_watch **)arg);
}

static void test_watch_reads(void **state)
{
    (void)state;
    watches[0] = loop_watch(loop, ends[0], true, false, read_one, &watches[0]);
    assert_true(loop_turn(loop, 0));
    assert_string_equal(trace, "");
    assert_int_equal(write(ends[1], "hi.", 3), 3);
    loop_run(loop);
    assert_string_equal(trace, "hi.");
}

static void on_either(void *arg, int fd, bool readable, bool writable)
{
    (void)arg;
    (void)fd;
    note(readable ? "r" : "");
    note(writable ? "w" : "");
}

static void test_watch_change(void **state)
{
    (void)state;
    assert_int_equal(write(ends[1], "x", 1), 1);
    watches[0] = loop_watch(loop, ends[0], false, true, on_either, NULL);
    loop_turn(loop, -1);
    assert_string_equal(trace, "w");
    loop_watch_change(loop, watches[0], true, true);
    loop_turn(loop, -1);
    assert_string_equal(trace, "wrw");
    loop_watch_change(loop, watches[0], false, false);
    close(ends[1]); /* a watcher that waits for nothing does not learn of a hang-up */
    loop_turn(loop, 0);
    assert_string_equal(trace, "wrw");
    loop_watch_change(loop, watches[0], true, false);
    loop_watch_change(loop, watches[0], true, false);
    loop_turn(loop, -1);
    assert_string_equal(trace, "wrwr");
    loop_unwatch(loop, watches[0]);
    assert_false(loop_turn(loop, -1));
    ends[1] = dup(ends[2]); /* for tear_down to close */
}

static void unwatch_all(void *arg, int fd, bool readable, bool writable)
{
    (void)arg;
    (void)fd;
    (void)readable;
    (void)writable;
    count++;
    for (int i = 0; i < 4; i++) {
        loop_unwatch(loop, watches[i]);
        watches[i] = NULL;
    }
}

/* All four are ready in the same turn; the first one that is called removes them all. */
static void test_unwatched_is_silent(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++)
        watches[i] = loop_watch(loop, ends[i], false, true, unwatch_all, NULL);
    loop_run(loop);
    assert_int_equal(count, 1);
}

static void read_file(void *arg, int fd, bool readable, bool writable)
{
    char bytes[4];
    (void)arg;
    assert_true(readable);
    assert_false(writable);
    ssize_t got = read(fd, bytes, sizeof bytes);
    assert_true(got >= 0);
    count += (int)got;
    if (got == 0)
        unwatch_all(NULL, fd, true, false);
}

/* There are two of them, and the first one, when it ends, also removes the other. */
static void test_regular_file_is_ready(void **state)
{
    FILE *file = tmpfile();
    (void)state;
    assert_int_equal(fputs("0123456789", file), 1);
    rewind(file);
    watches[0] = loop_watch(loop, fileno(file), true, false, read_file, NULL);
    watches[1] = loop_watch(loop, fileno(file), true, false, read_file, NULL);
    watches[2] = NULL;
    watches[3] = NULL;
    loop_run(loop);
    assert_int_equal(count, 11); /* ten bytes, and one call of unwatch_all */
    fclose(file);
}

static void test_background(void **state)
{
    (void)state;
    watches[0] = loop_watch(loop, ends[0], true, false, on_either, NULL);
    loop_watch_background(watches[0]);
    loop_watch_background(watches[0]);
    timers[0] = loop_after(loop, 60000, note, "never");
    loop_timer_background(loop, timers[0]);
    loop_run(loop);
    loop_after(loop, 20, note, "t");
    assert_int_equal(write(ends[1], "x", 1), 1);
    loop_turn(loop, -1); /* it is served nevertheless */
    assert_string_equal(trace, "r");
    loop_unwatch(loop, watches[0]);
    loop_cancel(loop, timers[0]);
    loop_run(loop);
    assert_string_equal(trace, "rt");
}

static void release(void *arg)
{
    (void)arg;
    note("released");
    loop_hold(loop, -1);
}

static void test_hold(void **state)
{
    (void)state;
    struct loop_timer *timer = loop_after(loop, 10, release, NULL);
    loop_timer_background(loop, timer);
    loop_hold(loop, 1);
    loop_run(loop);
    assert_string_equal(trace, "released");
}

/* What is left belongs to the loop, so that leak checkers see it. */
static void test_free_with_rest(void **state)
{
    (void)state;
    struct loop *other = loop_new();
    loop_after(other, 1, note, "never");
    loop_defer(other, note, "never");
    loop_when_idle(other, note, "never");
    loop_watch(other, ends[0], true, false, on_either, NULL);
    loop_unwatch(other, loop_watch(other, ends[2], true, false, on_either, NULL));
    loop_free(other);
    assert_string_equal(trace, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_nothing_to_do),
        TEST(test_timer_order),
        TEST(test_timer_of_zero_waits_a_turn),
        TEST(test_heap),
        TEST(test_cancelled_timers_are_silent),
        TEST(test_defer),
        TEST(test_many_deferred),
        TEST(test_stop),
        TEST(test_watch_reads),
        TEST(test_watch_change),
        TEST(test_unwatched_is_silent),
        TEST(test_regular_file_is_ready),
        TEST(test_background),
        TEST(test_hold),
        TEST(test_free_with_rest),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
