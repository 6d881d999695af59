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
#include "support/models.h"

struct load {
    struct chunks *chunks;
    const char *text;
    size_t length;
    const char *name;
};

static int load_and_call(lua_State *L)
{
    const struct load *load = lua_touserdata(L, 1);
    chunks_load(load->chunks, L, load->text, load->length, load->name);
    lua_call(L, 0, 1);
    return 1;
}

/* Its result or error, in a new state. */
static void check_length(struct chunks *chunks, const char *name, const char *text, size_t length,
                         const char *expected)
{
    struct load load = {chunks, text, length, name};
    lua_State *L = luaL_newstate();
    assert_non_null(L);
    lua_pushcfunction(L, load_and_call);
    lua_pushlightuserdata(L, &load);
    lua_pcall(L, 1, 1, 0);
    assert_string_equal(luaL_tolstring(L, -1, NULL), expected);
    lua_close(L);
}

static void check(struct chunks *chunks, const char *name, const char *text, const char *expected)
{
    check_length(chunks, name, text, strlen(text), expected);
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

/* ---- what is built in ---- */

#define HEAD 256  /* the version of Lua and the number of records */
#define DIGEST 64 /* at the beginning of a record */

static const char built_text[] = "return 'built'", other_text[] = "return 'other'";

static void hex_of(const char *text, char hex[SHA256_HEX])
{
    unsigned char digest[SHA256_BYTES];
    digest_sha256(text, strlen(text), digest);
    digest_hex(digest, sizeof digest, hex);
}

/* The bytecode of one text, as if it had been made from the other one, which is as long: so its use
 * can be seen. */
static void build(struct buf *code)
{
    char hex[SHA256_HEX];
    struct chunks *chunks = chunks_new(&(struct chunks_code){0});
    check(chunks, "@a.lua", built_text, "built");
    buf_init(code, 1u << 20);
    chunks_write(chunks, code);
    chunks_free(chunks);
    hex_of(other_text, hex);
    memcpy(code->data + HEAD, hex, DIGEST);
    char *text = memmem(code->data, code->len, built_text, strlen(built_text));
    assert_non_null(text);
    memcpy(text, other_text, strlen(other_text));
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

/* ---- files ---- */

static struct source_text *read_file(struct chunks *chunks, const char *folder, const char *name,
                                     const char *text)
{
    char *path = scratch_path(folder, name);
    scratch_write(path, text, strlen(text));
    struct source_text *source = chunks_read(chunks, path, 1000);
    assert_non_null(source);
    assert_int_equal(source->length, strlen(text));
    assert_memory_equal(source->text, text, source->length);
    mem_free(path);
    return source;
}

static void assert_digest(struct source_text *source, const char *text)
{
    char hex[SHA256_HEX];
    hex_of(text, hex);
    assert_string_equal(chunks_digest(source), hex);
}

/* A file whose text is built in is neither kept nor hashed: a digest that is not its own shows
 * where it comes from. */
static void test_files_that_are_built_in(void **state)
{
    (void)state;
    struct buf code;
    char *folder = scratch_folder();
    build(&code);
    memset(code.data + HEAD, 'f', DIGEST);
    const struct chunks_code built = {(const unsigned char *)code.data, code.len};
    struct chunks *chunks = chunks_new(&built);
    struct source_text *same = read_file(chunks, folder, "same.lua", other_text);
    assert_in_range((uintptr_t)same->text, (uintptr_t)code.data, (uintptr_t)code.data + code.len);
    assert_int_equal(strspn(chunks_digest(same), "f"), DIGEST);
    check_length(chunks, "@a.lua", same->text, same->length, "built");
    assert_digest(read_file(chunks, folder, "differs.lua", "return 'oTher'"), "return 'oTher'");
    assert_digest(read_file(chunks, folder, "longer.lua", "return 'other' "), "return 'other' ");
    assert_digest(read_file(chunks, folder, "empty.lua", ""), "");
    assert_ptr_equal(read_file(chunks, folder, "same.lua", other_text), same);
    chunks_free(chunks);
    scratch_remove(folder);
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
        cmocka_unit_test(test_files_that_are_built_in),
        cmocka_unit_test(test_writes_what_it_was_given),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
