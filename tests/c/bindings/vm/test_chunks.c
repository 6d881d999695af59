/* Texts that states load: compiled once, or when the engine was built, and the same in each state,
 * including errors and their lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <lauxlib.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/mem.h"
#include "bindings/vm/chunks.h"

struct load {
    struct chunks *chunks;
    const char *text, *name;
};

static int load_and_call(lua_State *L)
{
    const struct load *load = lua_touserdata(L, 1);
    chunks_load(load->chunks, L, load->text, strlen(load->text), load->name);
    lua_call(L, 0, 1);
    return 1;
}

/* Its result or error, in a new state. */
static void check(struct chunks *chunks, const char *name, const char *text, const char *expected)
{
    struct load load = {chunks, text, name};
    lua_State *L = luaL_newstate();
    assert_non_null(L);
    lua_pushcfunction(L, load_and_call);
    lua_pushlightuserdata(L, &load);
    lua_pcall(L, 1, 1, 0);
    assert_string_equal(luaL_tolstring(L, -1, NULL), expected);
    lua_close(L);
}

static void test_the_same_in_every_state(void **state)
{
    (void)state;
    struct chunks *chunks = chunks_new(&(struct chunks_code){0});
    for (int i = 0; i < 3; i++) {
        check(chunks, "@a.lua", "return 'one'", "one");
        check(chunks, "@b.lua", "return 'one'", "one");
        check(chunks, "@a.lua", "return 'two'", "two"); /* the file was changed */
        check(chunks, "@a.lua", "\n\nlocal t = nil\nreturn t.x",
              "a.lua:4: attempt to index a nil value (local 't')");
        check(chunks, "@a.lua", "return _ENV == nil", "false");
        check(chunks, "@a.lua", "", "nil");
    }
    chunks_free(chunks);
    chunks_free(NULL);
}

/* Lua names the token that it did not expect, often one line below. */
static void test_a_comma_that_is_missing(void **state)
{
    (void)state;
    struct chunks *chunks = chunks_new(&(struct chunks_code){0});
    check(chunks, "@a.lua", "return { a = 1\nb = 2 }",
          "a.lua:2: '}' expected (to close '{' at line 1) near 'b': is a comma missing before it?");
    check(chunks, "@a.lua", "return { 1 { 2 } }",
          "a.lua:1: '}' expected near '{': is a comma missing before it?");
    check(chunks, "@a.lua", "return { 1 'two' }",
          "a.lua:1: '}' expected near ''two'': is a comma missing before it?");
    check(chunks, "@a.lua", "if x then return { 1 end", "a.lua:1: '}' expected near 'end'");
    check(chunks, "@a.lua", "return { a-b = 1 }", "a.lua:1: '}' expected near '='");
    chunks_free(chunks);
}

static void test_what_is_not_text(void **state)
{
    (void)state;
    struct chunks *chunks = chunks_new(&(struct chunks_code){0});
    for (int i = 0; i < 2; i++) {
        check(chunks, "@a.lua", "return\n(", "a.lua:2: unexpected symbol near <eof>");
        check(chunks, "@a.lua", LUA_SIGNATURE "code",
              "attempt to load a binary chunk (mode is 't')");
    }
    chunks_free(chunks);
}

/* ---- bytecode that is built in ---- */

#define HEAD 256  /* the version of Lua and the number of records */
#define DIGEST 64 /* at the beginning of a record */

static const char built_text[] = "return 'built'", other_text[] = "return 'other'";

/* The bytecode of one text, as if it had been made from the other one: so its use can be seen. */
static void build(struct buf *code)
{
    unsigned char digest[SHA256_BYTES];
    char hex[SHA256_HEX];
    struct chunks *chunks = chunks_new(&(struct chunks_code){0});
    check(chunks, "@a.lua", built_text, "built");
    buf_init(code, 1u << 20);
    chunks_write(chunks, code);
    chunks_free(chunks);
    digest_sha256(other_text, strlen(other_text), digest);
    digest_hex(digest, sizeof digest, hex);
    memcpy(code->data + HEAD, hex, DIGEST);
}

static void check_built(const struct buf *code, size_t length, const char *name, const char *text,
                        const char *expected)
{
    const struct chunks_code built = {(const unsigned char *)code->data, length};
    struct chunks *chunks = chunks_new(&built);
    check(chunks, name, text, expected);
    check(chunks, name, text, expected);
    chunks_free(chunks);
}

static void test_uses_what_is_built_in(void **state)
{
    (void)state;
    struct buf code;
    build(&code);
    check_built(&code, code.len, "@a.lua", other_text, "built");
    check_built(&code, code.len, "@b.lua", other_text, "other");
    check_built(&code, code.len, "@a.lua", "return 'another'", "another");
    check_built(&code, code.len, "@a.lua", built_text, "built"); /* compiled */
    buf_clear(&code);
}

static void test_ignores_what_another_lua_has_built(void **state)
{
    (void)state;
    struct buf code;
    build(&code);
    code.data[strlen("$LuaVersion: Lua 5.")]++;
    check_built(&code, code.len, "@a.lua", other_text, "other");
    buf_clear(&code);
}

static void test_ignores_what_is_cut(void **state)
{
    (void)state;
    struct buf code;
    build(&code);
    for (size_t length = 0; length < code.len; length++)
        check_built(&code, length, "@a.lua", other_text, "other");
    buf_clear(&code);
}

/* What was built in can be written again. */
static void test_writes_what_it_was_given(void **state)
{
    (void)state;
    struct buf code, again;
    build(&code);
    const struct chunks_code built = {(const unsigned char *)code.data, code.len};
    struct chunks *chunks = chunks_new(&built);
    check(chunks, "@a.lua", other_text, "built");
    buf_init(&again, 1u << 20);
    chunks_write(chunks, &again);
    assert_int_equal(again.len, code.len);
    assert_memory_equal(again.data, code.data, code.len);
    chunks_free(chunks);
    buf_clear(&again);
    buf_clear(&code);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_in_every_state),
        cmocka_unit_test(test_a_comma_that_is_missing),
        cmocka_unit_test(test_what_is_not_text),
        cmocka_unit_test(test_uses_what_is_built_in),
        cmocka_unit_test(test_ignores_what_another_lua_has_built),
        cmocka_unit_test(test_ignores_what_is_cut),
        cmocka_unit_test(test_writes_what_it_was_given),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
