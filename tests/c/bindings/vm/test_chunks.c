/* Texts that many states load: compiled once, and the same in each state, including errors and
 * their lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <lauxlib.h>
#include <cmocka.h>

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
    struct chunks *chunks = chunks_new();
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

static void test_what_is_not_text(void **state)
{
    (void)state;
    struct chunks *chunks = chunks_new();
    for (int i = 0; i < 2; i++) {
        check(chunks, "@a.lua", "return\n(", "a.lua:2: unexpected symbol near <eof>");
        check(chunks, "@a.lua", LUA_SIGNATURE "code",
              "attempt to load a binary chunk (mode is 't')");
    }
    chunks_free(chunks);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_in_every_state),
        cmocka_unit_test(test_what_is_not_text),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
