/* The event loop: calls for when it is idle, and turns within a call. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

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
    fake_now = 0;
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {TEST(test_idle), TEST(test_idle_in_a_busy_loop),
                                              TEST(test_idle_cancelled),
                                              TEST(test_turns_in_a_deferred_call)};
    mem_install();
    return cmocka_run_group_tests_name("loop idle", tests, NULL, NULL);
}
