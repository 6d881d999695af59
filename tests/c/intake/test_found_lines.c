/* The waiting lines of a scan: queues take turns, and one that is held back holds up no other. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "intake/found_lines.h"

static const struct poll_target targets[] = {{.account = "1", .region = "r1"},
                                             {.account = "1", .region = "r2"},
                                             {.account = "2", .region = "r1"},
                                             {.account = "2", .region = "r2"}};
#define TARGETS (sizeof targets / sizeof *targets)

static bool any(void *arg, size_t target, const char *region, void **mark)
{
    (void)arg, (void)target, (void)region, (void)mark;
    return true;
}

/* The text names the queue. */
static bool not_that(void *arg, size_t target, const char *region, void **mark)
{
    char name[16];
    (void)mark;
    snprintf(name, sizeof name, "%zu %s", target, region);
    return strcmp(name, arg) != 0;
}

static void put_in(struct found_lines *lines, size_t target, const char *region, const char *text)
{
    found_lines_put(lines, target, region, text, strlen(text) + 1);
}

static void put(struct found_lines *lines, size_t target, const char *text)
{
    put_in(lines, target, targets[target].region, text);
}

static void expect(struct found_lines *lines, const char *text, found_lines_may may, void *arg)
{
    struct err err = {0};
    size_t length = 0;
    const char *taken = found_lines_take(lines, &length, &err, may, arg);
    assert_int_equal(err.kind, ERR_NONE);
    if (text == NULL) {
        assert_null(taken);
        return;
    }
    assert_non_null(taken);
    assert_string_equal(taken, text);
    assert_int_equal(length, strlen(text) + 1);
}

static void queues_take_turns(void **state)
{
    (void)state;
    struct found_lines *lines = found_lines_new(targets, TARGETS);
    expect(lines, NULL, any, NULL);
    put(lines, 0, "a1");
    put(lines, 0, "a2");
    put(lines, 0, "a3");
    put(lines, 2, "c1");
    put(lines, 3, "d1");
    put(lines, 3, "d2");
    expect(lines, "a1", any, NULL);
    expect(lines, "c1", any, NULL);
    expect(lines, "d1", any, NULL);
    expect(lines, "a2", any, NULL);
    put(lines, 2, "c2");
    expect(lines, "d2", any, NULL);
    expect(lines, "a3", any, NULL);
    expect(lines, "c2", any, NULL);
    expect(lines, NULL, any, NULL);
    assert_int_equal(found_lines_count(lines), 0);
    found_lines_free(lines);
}

static void lines_are_counted(void **state)
{
    (void)state;
    struct found_lines *lines = found_lines_new(targets, TARGETS);
    put(lines, 0, "a1");
    put(lines, 1, "b1");
    put_in(lines, 1, "r3", "b2");
    put(lines, 3, "d1");
    assert_int_equal(found_lines_count(lines), 4);
    assert_int_equal(found_lines_of(lines, 1), 2);
    assert_int_equal(found_lines_of(lines, 2), 0);
    assert_int_equal(found_lines_of_account(lines, 0), 3);
    assert_int_equal(found_lines_of_account(lines, 2), 1);
    assert_int_equal(found_lines_accounts(lines), 2);
    for (int i = 0; i < 4; i++) {
        struct err err = {0};
        size_t length;
        assert_non_null(found_lines_take(lines, &length, &err, any, NULL));
    }
    assert_int_equal(found_lines_accounts(lines), 0);
    assert_int_equal(found_lines_of_account(lines, 0), 0);
    found_lines_free(lines);
}

static void a_queue_that_is_held_back(void **state)
{
    (void)state;
    struct found_lines *lines = found_lines_new(targets, TARGETS);
    put(lines, 1, "b1");
    put(lines, 2, "c1");
    put(lines, 2, "c2");
    expect(lines, "c1", not_that, "1 r2");
    expect(lines, "c2", not_that, "1 r2");
    expect(lines, NULL, not_that, "1 r2");
    assert_int_equal(found_lines_count(lines), 1);
    expect(lines, "b1", not_that, "0 r1");
    put(lines, 1, "b2"); /* freed with the queue */
    found_lines_free(lines);
    found_lines_free(NULL);
}

/* Buckets: found in one region, and each in its own. */
static void resources_of_other_regions(void **state)
{
    (void)state;
    struct found_lines *lines = found_lines_new(targets, TARGETS);
    put_in(lines, 0, "r7", "e1");
    put_in(lines, 0, "r7", "e2");
    put_in(lines, 0, "r8", "f1");
    put(lines, 0, "a1");
    expect(lines, "f1", not_that, "0 r7");
    expect(lines, "a1", not_that, "0 r7");
    expect(lines, NULL, not_that, "0 r7");
    expect(lines, "e1", not_that, "0 r1");
    expect(lines, "e2", not_that, "0 r1");
    expect(lines, NULL, any, NULL);
    found_lines_free(lines);
}

/* ---- more lines than one batch has ---- */

#define MANY 250 /* more than count, and than fit into memory */
#define LONGEST 5000

/* Every eighth line is longer than a batch. */
static const char *long_line(int number)
{
    static char text[LONGEST + 1];
    int length = number % 8 == 7 ? LONGEST : 60;
    memset(text, 'x', (size_t)length);
    text[length] = '\0';
    snprintf(text, sizeof text, "%06d", number);
    text[6] = 'x';
    return text;
}

/* As from a listing: some are taken while others are put. */
static void many_lines_of_a_target(void **state)
{
    (void)state;
    struct found_lines *lines = found_lines_new(targets, TARGETS);
    for (int i = 0; i < MANY; i++) {
        put(lines, 1, long_line(i));
        if (i % 2 == 1)
            expect(lines, long_line(i / 2), any, NULL);
    }
    assert_int_equal(found_lines_count(lines), MANY / 2);
    for (int i = MANY / 2; i < MANY; i++)
        expect(lines, long_line(i), any, NULL);
    assert_int_equal(found_lines_bytes(lines), 0);
    put(lines, 1, "again");
    expect(lines, "again", any, NULL);
    expect(lines, NULL, any, NULL);
    found_lines_free(lines);
}

static void a_target_counts_for_its_account_up_to_a_limit(void **state)
{
    (void)state;
    struct err err = {0};
    size_t length;
    struct found_lines *lines = found_lines_new(targets, TARGETS);
    put(lines, 0, "a");
    for (int i = 0; i < MANY; i++)
        put(lines, 1, long_line(i));
    assert_int_equal(found_lines_count(lines), MANY + 1);
    assert_int_equal(found_lines_of(lines, 1), MANY);
    assert_int_equal(found_lines_of_account(lines, 0), FOUND_LINES_COUNTED + 1);
    assert_int_equal(found_lines_counted(lines), FOUND_LINES_COUNTED + 1);
    for (int i = 0; i < MANY - 9; i++)
        assert_non_null(found_lines_take(lines, &length, &err, not_that, "0 r1"));
    assert_int_equal(found_lines_of_account(lines, 0), 10);
    found_lines_free(lines);
}

/* The file cannot be read, as on a disk that fails: it can only be written from here on. */
static void lines_that_cannot_be_read(void **state)
{
    (void)state;
    struct err err = {0};
    size_t length;
    const int fd = dup(STDERR_FILENO); /* the descriptor that the file will have */
    close(fd);
    struct found_lines *lines = found_lines_new(targets, TARGETS);
    for (int i = 0; i < 8 * MANY; i++)
        put(lines, 1, long_line(i));
    put(lines, 2, "c");
    assert_true(lseek(fd, 0, SEEK_END) > 0);
    const int unreadable = open("/dev/null", O_WRONLY | O_CLOEXEC);
    assert_int_equal(dup2(unreadable, fd), fd);
    close(unreadable);
    while (found_lines_of(lines, 1) > 0 &&
           found_lines_take(lines, &length, &err, not_that, "2 r1") != NULL)
        continue;
    assert_int_equal(err.kind, ERR_IO);
    assert_int_equal(found_lines_count(lines), 1);
    assert_int_equal(found_lines_bytes(lines), 2);
    assert_int_equal(found_lines_accounts(lines), 1);
    expect(lines, "c", any, NULL);
    found_lines_free(lines);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(queues_take_turns),
        cmocka_unit_test(lines_are_counted),
        cmocka_unit_test(a_queue_that_is_held_back),
        cmocka_unit_test(resources_of_other_regions),
        cmocka_unit_test(many_lines_of_a_target),
        cmocka_unit_test(a_target_counts_for_its_account_up_to_a_limit),
        cmocka_unit_test(lines_that_cannot_be_read)};
    mem_install();
    return cmocka_run_group_tests_name("found_lines", tests, NULL, NULL);
}
