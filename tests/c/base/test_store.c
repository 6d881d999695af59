/* What was put is taken again, whether it is in memory or in the file; the file's room is used
 * again. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/store.h"

#define MOST 4096 /* bytes in memory */
#define COUNT 2000

static char text[200000];

static size_t length_of(size_t number)
{
    return number % 500 == 7 ? 150000 : 20 + number % 700;
}

static struct stored *put(struct store *store, size_t number)
{
    size_t length = length_of(number);
    memset(text, 'a' + (int)(number % 26), length);
    snprintf(text, sizeof text, "%zu", number);
    return store_put(store, text, length);
}

static void expect(struct store *store, struct stored *stored, size_t number)
{
    struct err err = {0};
    size_t length = 0;
    char *bytes = store_take(store, stored, &length, &err);
    assert_non_null(bytes);
    assert_int_equal(length, length_of(number));
    assert_int_equal(strtoul(bytes, NULL, 10), number);
    assert_int_equal(bytes[length - 1], 'a' + (int)(number % 26));
    mem_free(bytes);
}

/* The size of the file with this descriptor; -1: there is none. */
static off_t file_bytes(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 ? status.st_size : -1;
}

/* The descriptor that the next file gets. */
static int next_descriptor(void)
{
    int fd = dup(STDERR_FILENO);
    assert_true(fd >= 0);
    close(fd);
    return fd;
}

static void a_few_stay_in_memory(void **state)
{
    (void)state;
    int fd = next_descriptor();
    struct store *store = store_new(MOST);
    struct stored *first = put(store, 1), *second = put(store, 2);
    assert_int_equal(file_bytes(fd), -1);
    expect(store, second, 2);
    store_drop(store, first);
    store_free(store);
}

static void room_is_used_again(void **state)
{
    (void)state;
    static struct stored *all[COUNT];
    int fd = next_descriptor();
    struct store *store = store_new(MOST);
    for (size_t i = 0; i < COUNT; i++)
        all[i] = put(store, i);
    off_t full = file_bytes(fd);
    assert_true(full > COUNT);
    for (size_t round = 1; round < 6; round++) {
        for (size_t i = round % 2; i < COUNT; i += 2) {
            expect(store, all[i], i);
            all[i] = put(store, i);
        }
    }
    assert_true(file_bytes(fd) <= full + 2 * MOST);
    for (size_t i = 0; i < COUNT; i++)
        expect(store, all[i], i);
    assert_int_equal(file_bytes(fd), 0);
    store_free(store);
}

/* Nothing is lost if no file can be written. */
static void a_full_disk(void **state)
{
    (void)state;
    static struct stored *all[COUNT];
    const struct rlimit tight = {1000, RLIM_INFINITY}, wide = {RLIM_INFINITY, RLIM_INFINITY};
    struct store *store = store_new(MOST);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    for (size_t i = 0; i < COUNT; i++)
        all[i] = put(store, i);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &wide), 0);
    for (size_t i = 0; i < COUNT; i++)
        expect(store, all[i], i);
    store_free(store);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(a_few_stay_in_memory),
                                              cmocka_unit_test(room_is_used_again),
                                              cmocka_unit_test(a_full_disk)};
    mem_install();
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
