/* Results that become ready in any order are reported in the order of the places, or at once if the
 * temporary file fails. */
#include <malloc.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/order.h"

static struct buf emitted;

static void emit(void *arg, const void *bytes, size_t length)
{
    (void)arg;
    buf_add(&emitted, bytes, length);
    buf_addc(&emitted, ' ');
}

static int set_up(void **state)
{
    buf_init(&emitted, 64u << 20);
    *state = order_new(emit, NULL);
    return 0;
}

static int tear_down(void **state)
{
    order_free(*state);
    buf_clear(&emitted);
    return 0;
}

static void settle(struct order *order, size_t place, const char *text)
{
    order_settle(order, place, text, strlen(text));
}

static void test_one_group(void **state)
{
    struct order *order = *state;
    size_t group = order_group(order), places[4];
    for (int i = 0; i < 4; i++)
        places[i] = order_take(order, group);
    settle(order, places[2], "c");
    settle(order, places[1], "b");
    assert_string_equal(buf_text(&emitted), "");
    assert_true(order_is_next(order, places[0]));
    assert_false(order_is_next(order, places[3]));
    settle(order, places[0], "a");
    assert_string_equal(buf_text(&emitted), "a b c ");
    order_settle(order, places[3], NULL, 0);
    settle(order, order_take(order, group), "e");
    assert_string_equal(buf_text(&emitted), "a b c e ");
    assert_false(order_failed(order));
}

/* A place with nothing to report delays no other place. */
static void test_nothing(void **state)
{
    struct order *order = *state;
    size_t group = order_group(order);
    size_t first = order_take(order, group), second = order_take(order, group);
    settle(order, order_take(order, group), "c");
    order_settle(order, second, NULL, 0);
    order_settle(order, first, NULL, 0);
    assert_string_equal(buf_text(&emitted), "c ");
}

static void test_groups(void **state)
{
    struct order *order = *state;
    size_t first = order_group(order), second = order_group(order), third = order_group(order);
    size_t a = order_take(order, first), x = order_take(order, third);
    size_t b = order_take(order, first);
    settle(order, x, "x");
    settle(order, b, "b");
    order_close(order, third);
    order_close(order, second);
    settle(order, a, "a");
    assert_string_equal(buf_text(&emitted), "a b ");
    settle(order, order_take(order, first), "c");
    assert_string_equal(buf_text(&emitted), "a b c ");
    order_close(order, first);
    assert_string_equal(buf_text(&emitted), "a b c x ");
}

/* Each turn completes a random open place of three groups; 40 MiB pass through. */
static void test_many(void **state)
{
    struct order *order = *state;
    enum { COUNT = 20000, WINDOW = 300, LONG = 2000 };
    size_t group = order_group(order), open[WINDOW], numbers[WINDOW], count = 0;
    char *text = mem_alloc(LONG);
    unsigned random = 1;
    for (size_t given = 0; given < COUNT || count > 0;) {
        if (given < COUNT && count < WINDOW) {
            open[count] = order_take(order, group);
            numbers[count++] = given++;
            continue;
        }
        random = random * 1103515245u + 12345u;
        size_t at = (random >> 16) % count;
        memset(text, 'x', LONG);
        snprintf(text, LONG, "%zu", numbers[at]);
        text[strlen(text)] = '\n';
        order_settle(order, open[at], text, LONG);
        open[at] = open[--count];
        numbers[at] = numbers[count];
    }
    mem_free(text);
    assert_int_equal(emitted.len, (size_t)COUNT * (LONG + 1));
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(atoi(emitted.data + i * (LONG + 1)), i);
}

/* Places that stay open while thousands of others are taken, and a group that gets its second place
 * only then: their slots and links are no longer in memory. */
static void test_old_places(void **state)
{
    struct order *order = *state;
    enum { COUNT = 20000 };
    size_t first = order_group(order), second = order_group(order), places[COUNT];
    size_t a = order_take(order, first);
    char text[16];
    for (int i = 0; i < COUNT; i++) {
        places[i] = order_take(order, second);
        snprintf(text, sizeof text, "%d\n", i);
        if (i % 1000 != 0)
            order_settle(order, places[i], text, strlen(text));
    }
    size_t b = order_take(order, first);
    for (int i = COUNT - 1000; i >= 0; i -= 1000) {
        snprintf(text, sizeof text, "%d\n", i);
        order_settle(order, places[i], text, strlen(text));
    }
    order_settle(order, b, "b\n", 2);
    assert_int_equal(emitted.len, 0);
    order_settle(order, a, "a\n", 2);
    order_close(order, first);
    const char *at = buf_text(&emitted);
    assert_int_equal(strncmp(at, "a\n b\n ", 6), 0);
    at += 6;
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(atoi(at), i);
        at += strcspn(at, "\n") + 1;
    }
    assert_string_equal(at, " ");
}

static void limit_files(rlim_t bytes)
{
    struct rlimit limit = {bytes, RLIM_INFINITY};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void say_nothing(enum log_level level, const char *line)
{
    (void)level, (void)line;
}

/* As on a full disk: everything is reported, in any order. */
/* A function makes an order in each invocation, most of them for a few lines. */
static void test_few_places_take_little_memory(void **state)
{
    (void)state;
    struct mallinfo2 before = mallinfo2();
    struct order *order = order_new(emit, NULL);
    size_t group = order_group(order);
    for (size_t i = 0; i < 10; i++)
        order_take(order, group);
    struct mallinfo2 after = mallinfo2();
    assert_true(after.uordblks + after.hblkhd < before.uordblks + before.hblkhd + 32768);
    order_free(order);
}

static void test_full_disk(void **state)
{
    struct order *order = *state;
    size_t group = order_group(order);
    size_t a = order_take(order, group), b = order_take(order, group), c = order_take(order, group);
    settle(order, b, "b");
    signal(SIGXFSZ, SIG_IGN);
    log_set_sink(say_nothing);
    limit_files(1);
    settle(order, c, "c");
    settle(order, order_take(order, group), "d");
    settle(order, a, "a");
    limit_files(RLIM_INFINITY);
    log_set_sink(NULL);
    assert_true(order_failed(order));
    assert_string_equal(buf_text(&emitted), "b c d a ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_one_group), TEST(test_nothing),    TEST(test_groups),
        TEST(test_many),      TEST(test_old_places), TEST(test_few_places_take_little_memory),
        TEST(test_full_disk)};
    mem_install();
    return cmocka_run_group_tests_name("order", tests, NULL, NULL);
}
