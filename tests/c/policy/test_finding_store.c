/* Findings in a temporary file: read back in any order, and not lost if no file can be written. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "base/mem.h"
#include "policy/finding_store.h"

#define COUNT 3001

/* Every hundredth is longer than what is kept in memory. */
static json_t *finding(size_t number)
{
    size_t length = number % 100 == 7 ? 100000 : number % 300;
    char *text = mem_alloc(length + 1);
    memset(text, 'x', length);
    json_t *made = json_pack("{s:I, s:s}", "number", (json_int_t)number, "summary", text);
    mem_free(text);
    return made;
}

static void put(struct finding_store *store, size_t number)
{
    json_t *made = finding(number);
    finding_store_put(store, made);
    json_decref(made);
}

static void expect(struct finding_store *store, size_t index, size_t number)
{
    struct err err = {0};
    json_t *got = finding_store_get(store, index, &err), *made = finding(number);
    assert_int_equal(err.kind, ERR_NONE);
    assert_true(json_equal(got, made));
    json_decref(got);
    json_decref(made);
}

static void fill(struct finding_store *store, size_t first)
{
    for (size_t i = 0; i < COUNT; i++)
        put(store, first + i);
    assert_int_equal(finding_store_count(store), COUNT);
}

static void expect_all(struct finding_store *store, size_t first)
{
    for (size_t i = 0; i < COUNT; i++) {
        size_t index = i * 7 % COUNT; /* 7 and COUNT have no common divisor */
        expect(store, index, first + index);
    }
}

static void test_any_order(void **state)
{
    (void)state;
    struct finding_store *store = finding_store_new();
    assert_int_equal(finding_store_count(store), 0);
    fill(store, 0);
    expect_all(store, 0);
    finding_store_empty(store);
    assert_int_equal(finding_store_count(store), 0);
    fill(store, 50);
    expect_all(store, 50);
    finding_store_free(store);
}

/* Deeper than JSON_MAX_NESTING, which limits what comes from outside. */
static void test_deep(void **state)
{
    (void)state;
    struct err err = {0};
    struct finding_store *store = finding_store_new();
    json_t *deep = json_array();
    for (int i = 0; i < 600; i++) {
        json_t *outer = json_array();
        json_array_append_new(outer, deep);
        deep = outer;
    }
    json_t *made = json_pack("{s:o}", "evidence", deep);
    finding_store_put(store, made);
    json_t *got = finding_store_get(store, 0, &err);
    assert_true(json_equal(got, made));
    json_decref(got);
    json_decref(made);
    finding_store_free(store);
}

static void test_full_disk(void **state)
{
    (void)state;
    const struct rlimit tight = {1000, RLIM_INFINITY}, wide = {RLIM_INFINITY, RLIM_INFINITY};
    struct finding_store *store = finding_store_new();
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    fill(store, 0);
    expect_all(store, 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &wide), 0);
    finding_store_empty(store);
    fill(store, 9);
    expect_all(store, 9);
    finding_store_free(store);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_any_order),
                                              cmocka_unit_test(test_deep),
                                              cmocka_unit_test(test_full_disk)};
    mem_install();
    return cmocka_run_group_tests_name("finding_store", tests, NULL, NULL);
}
