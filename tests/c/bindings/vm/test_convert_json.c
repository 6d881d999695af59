/* convert_json in bindings/vm/convert_push.c: what it reads is what json_parse and convert_push
 * make of the same text, order of keys and kinds of tables included; what it leaves to them, it
 * leaves whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "bindings/vm/convert_push.h"
#include "bindings/vm/convert_take.h"
#include "bindings/vm/state.h"
#include "support/json_case.h"
#include "support/slowed.h"
#include "value/json.h"

#define ROUNDS 20000
#define MAX_TEXT 65536

struct sample {
    const char *text;
    size_t length;
    bool read; /* by convert_json */
};

/* The text of the value on top of the stack, with the order of keys. */
static char *text_on_top(lua_State *L)
{
    struct err err = {0};
    json_t *value = convert_take(L, -1, CONVERT_STRICT, "it", &err);
    if (value == NULL)
        luaL_error(L, "%s", err.message);
    char *text = json_text(value);
    json_decref(value);
    lua_pop(L, 1);
    return text;
}

static void compare(lua_State *L, const struct sample *sample)
{
    struct err err = {0};
    char *read = text_on_top(L);
    json_t *value = json_parse(sample->text, sample->length, &err);
    if (value == NULL)
        fail_msg("read, but invalid: %.*s", (int)sample->length, sample->text);
    convert_push(L, value, CONVERT_ORDER);
    char *expected = text_on_top(L);
    assert_string_equal(read, expected);
    mem_free(read);
    mem_free(expected);
    json_decref(value);
}

static int read_sample(lua_State *L)
{
    struct sample *sample = lua_touserdata(L, 1);
    int top = lua_gettop(L);
    sample->read = convert_json(L, sample->text, sample->length);
    assert_int_equal(lua_gettop(L), top + (sample->read ? 1 : 0));
    if (sample->read)
        compare(L, sample);
    return 0;
}

static struct state *lua;

static bool reads(const char *text, size_t length)
{
    struct err err = {0};
    struct sample sample = {text, length, false};
    if (state_protect(lua, &err, read_sample, &sample) != 0)
        fail_msg("%s", err.message);
    return sample.read;
}

static const char *const usual[] = {
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"own\",\"Principal\":{\"AWS\":\"*\"}}]}",
    " [ 1 , {\"a\" : [ ] , \"b\" : { } } , null , true, false ,\"\\\\ \\/ \\b\\f\\r\\t\" ]\r\n",
    "{\"z\":1,\"a\":{\"y\":null,\"b\":[[],{}]},\"k\\\"ey\":\"va\\nlue\"}",
    "[[[[\"d\"]]],-12,999999999999999999]",
    "\"text\"",
    "-0",
    "null",
    "{}",
    "[]",
};
#define USUAL (sizeof usual / sizeof *usual)

static void test_usual_texts(void **state)
{
    (void)state;
    json_case_all_are_read(reads, usual, USUAL);
}

static void test_what_it_leaves(void **state)
{
    static const char *const texts[] = {
        "",
        "{",
        "[1,]",
        "{\"a\":1,}",
        "{\"a\":1]",
        "[1}",
        "{1:2}",
        "\"\\u00e9\"",
        "\"\xc3\xa9\"",
        "\"\\ud800\"",
        "01",
        "1.5",
        "1e3",
        "truex",
        "1 2",
        "1000000000000000000",
        "{\"a\":1,\"b\":2,\"a\":1}",
        "\"a\nb\"",
        "[\"\xff\"]",
    };
    (void)state;
    json_case_none_is_read(reads, texts, sizeof texts / sizeof *texts);
}

static void test_depth(void **state)
{
    (void)state;
    json_case_depth(reads);
}

/* More values than wait at a time; a duplicate key among them, or in another batch. */
static void test_many_values(void **state)
{
    static char text[MAX_TEXT];
    (void)state;
    for (int count = 1; count < 120; count++) {
        struct buf list, object;
        buf_init(&list, MAX_TEXT);
        buf_init(&object, MAX_TEXT);
        for (int i = 0; i < count; i++) {
            buf_addf(&list, "%s%d", i > 0 ? "," : "[", i);
            buf_addf(&object, "%s\"key %d\":[%d]", i > 0 ? "," : "{", i, i);
        }
        buf_addc(&list, ']');
        assert_true(reads(list.data, list.len));
        int length = snprintf(text, sizeof text, "%s,\"key %d\":1}", object.data, count / 2);
        assert_false(reads(text, (size_t)length));
        buf_addc(&object, '}');
        assert_true(reads(object.data, object.len));
        buf_clear(&list);
        buf_clear(&object);
    }
}

static void test_long_strings_with_escapes(void **state)
{
    static char text[MAX_TEXT];
    (void)state;
    for (size_t escapes = 0; escapes < 2000; escapes += 37) {
        struct buf all;
        buf_init(&all, MAX_TEXT);
        buf_addc(&all, '"');
        for (size_t i = 0; i < escapes; i++)
            buf_adds(&all, "ab\\\\\\n");
        buf_addc(&all, '"');
        memcpy(text, all.data, all.len);
        assert_true(reads(text, all.len));
        buf_clear(&all);
    }
}

static void test_spoilt_texts(void **state)
{
    (void)state;
    json_case_spoilt(reads, usual, USUAL, slowed_rounds(ROUNDS));
}

static int read_much(lua_State *L)
{
    const struct sample *sample = lua_touserdata(L, 1);
    convert_json(L, sample->text, sample->length);
    return 0;
}

/* It raises wherever the memory ends, and leaves nothing behind. */
static void test_too_little_memory(void **state)
{
    static const char text[] =
        "{\"list\":[1,{\"a\":\"b\\n\"},[2,3,4,5]],\"object\":{\"c\":{\"d\":[]}}}";
    const struct sample sample = {text, sizeof text - 1, false};
    size_t failed = 0, most = lua->max;
    (void)state;
    for (size_t room = 0; room < 4096; room += 16) {
        struct err err = {0};
        lua_gc(lua->L, LUA_GCCOLLECT);
        lua->max = lua->used + room;
        failed += state_protect(lua, &err, read_much, (void *)(uintptr_t)&sample) != 0;
        lua->max = most;
    }
    assert_in_range(failed, 5, 255);
    assert_true(reads(text, sizeof text - 1));
}

static int open_all(lua_State *L)
{
    convert_open(L);
    return 0;
}

static int set_up(void **state)
{
    struct err err = {0};
    (void)state;
    mem_install();
    lua = state_new(NULL, 0);
    return state_protect(lua, &err, open_all, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    state_free(lua);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_usual_texts),
        cmocka_unit_test(test_what_it_leaves),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_many_values),
        cmocka_unit_test(test_long_strings_with_escapes),
        cmocka_unit_test(test_spoilt_texts),
        cmocka_unit_test(test_too_little_memory),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
