/* The event loop: calls for when it is idle, turns within a call, and a watch that waits for
 * nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "net/loop/loop.h"

static struct loop *loop;
static char trace[64];
static int64_t fake_now;
static int rounds;

static int set_up(void **state)
{
    (void)state;
    loop = loop_new();
    trace[0] = '\0';
    rounds = 0;
    fake_now = loop_now(loop);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    clock_replace(NULL, NULL);
    loop_free(loop);
    return 0;
}

static int64_t fake_clock(void)
{
    return fake_now;
}

/* Appends its argument, a text, to the trace. */
static void note(void *arg)
{
    strncat(trace, arg, sizeof trace - strlen(trace) - 1);
}

static void defer_more(void *arg)
{
    note(arg);
    loop_defer(loop, note, "3");
    note("(");
}

/* Calls for an idle loop wait for everything that is ready at once, and for nothing else. */
static void test_idle(void **state)
{
    (void)state;
    clock_replace(NULL, fake_clock); /* it stands still: the loop is never busy too long */
    loop_after(loop, 60000, note, "never");
    loop_when_idle(loop, note, "i");
    loop_after(loop, 0, defer_more, "1");
    while (strchr(trace, 'i') == NULL)
        loop_turn(loop, -1);
    assert_string_equal(trace, "1(3i");
}

static void keep_busy(void *arg)
{
    (void)arg;
    fake_now++;
    rounds++;
    if (trace[0] == '\0')
        loop_after(loop, 0, keep_busy, NULL);
}

static void test_idle_in_a_busy_loop(void **state)
{
    (void)state;
    clock_replace(NULL, fake_clock);
    loop_when_idle(loop, note, "i");
    keep_busy(NULL);
    loop_run(loop);
    assert_string_equal(trace, "i");
    assert_in_range(rounds, 4, 8);
}

static void work_long(void *arg)
{
    (void)arg;
    fake_now += 10;
    rounds++;
}

/* Timers that are due at once, and whose calls take long: events are looked for in between. */
static void test_long_calls(void **state)
{
    (void)state;
    enum { COUNT = 40 };
    clock_replace(NULL, fake_clock);
    for (int i = 0; i < COUNT; i++)
        loop_after(loop, 0, work_long, NULL);
    assert_true(loop_turn(loop, -1));
    assert_in_range(rounds, 1, COUNT / 2);
    loop_run(loop);
    assert_int_equal(rounds, COUNT);
}

static void test_idle_cancelled(void **state)
{
    (void)state;
    loop_when_idle(loop, note, "never");
    loop_when_idle(loop, note, "i");
    loop_cancel_idle(loop, note, "never");
    assert_true(loop_turn(loop, -1) || trace[0] != '\0');
    assert_string_equal(trace, "i");
    loop_when_idle(loop, note, "never");
    loop_cancel_idle(loop, note, "never");
    assert_false(loop_turn(loop, -1));
}

static void turn(void *arg)
{
    loop_defer(loop, note, "(");
    loop_turn(loop, 0);
    note(arg);
}

/* A call may run turns of its own: the calls after it are made nevertheless. */
static void test_turns_in_a_deferred_call(void **state)
{
    (void)state;
    loop_defer(loop, turn, ")");
    loop_defer(loop, note, "2");
    loop_run(loop);
    assert_string_equal(trace, "()2");
}

static void note_readable(void *arg, int fd, bool readable, bool writable)
{
    (void)fd;
    (void)writable;
    assert_true(readable);
    note(arg);
}

/* The number of descriptors that are registered with an epoll, as Linux tells of this process. */
static int registered(void)
{
    char line[256];
    int found = 0;
    for (int fd = 0; fd < 64; fd++) {
        snprintf(line, sizeof line, "/proc/self/fdinfo/%d", fd);
        FILE *file = fopen(line, "re");
        while (file != NULL && fgets(line, sizeof line, file) != NULL)
            found += strncmp(line, "tfd:", 4) == 0;
        if (file != NULL)
            fclose(file);
    }
    return found;
}

/* A kept-alive connection waits for nothing between two requests. This takes no call to epoll,
 * unless something happens on the connection. */
static void test_watch_for_nothing(void **state)
{
    int ends[2];
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    struct loop_watch *watch = loop_watch(loop, ends[0], true, false, note_readable, "r");
    loop_watch_change(loop, watch, false, false);
    assert_int_equal(registered(), 1);
    assert_int_equal(write(ends[1], "x", 1), 1);
    loop_turn(loop, -1);
    assert_int_equal(registered(), 0);
    int64_t start = clock_mono_ms();
    loop_turn(loop, 20);
    assert_in_range(clock_mono_ms() - start, 20, 20000);
    assert_string_equal(trace, "");
    loop_watch_change(loop, watch, true, false);
    loop_turn(loop, -1);
    assert_string_equal(trace, "r");
    loop_unwatch(loop, watch);
    assert_int_equal(registered(), 0);
    close(ends[0]);
    close(ends[1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {TEST(test_idle),
                                              TEST(test_idle_in_a_busy_loop),
                                              TEST(test_long_calls),
                                              TEST(test_idle_cancelled),
                                              TEST(test_turns_in_a_deferred_call),
                                              TEST(test_watch_for_nothing)};
    mem_install();
    return cmocka_run_group_tests_name("loop idle", tests, NULL, NULL);
}
