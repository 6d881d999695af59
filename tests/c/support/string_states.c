#include "support/string_states.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <lauxlib.h>
#include <lualib.h>

#include "bindings/libs/lib_string.h"

struct pattern_budget string_budget;
lua_State *string_ours;
lua_State *string_stock;

static struct pattern_budget *budget_of(lua_State *L)
{
    (void)L;
    return &string_budget;
}

/* probe(subject, pattern, init): the results of all four functions, as one string. */
static const char probe_source[] =
    "local function show(ok, ...)\n"
    "  local out = { tostring(ok) }\n"
    "  for i = 1, select('#', ...) do\n"
    "    local v = select(i, ...)\n"
    "    out[#out + 1] = (math.type(v) or type(v)) .. '=' .. tostring(v)\n"
    "  end\n"
    "  return table.concat(out, ';')\n"
    "end\n"
    "local function all(s, p, init)\n"
    "  local out = {}\n"
    "  for a, b in string.gmatch(s, p, init) do\n"
    "    out[#out + 1] = tostring(a) .. ',' .. tostring(b)\n"
    "    if #out > 100 then error('endless') end\n"
    "  end\n"
    "  return table.concat(out, '|')\n"
    "end\n"
    "local function odd(a) if #tostring(a) % 2 == 1 then return '{' .. a .. '}' end end\n"
    "local map = { a = 'A', b = 1, ab = false, [1] = 'one', [''] = 2.5, ['1'] = 'x' }\n"
    "function probe(s, p, init)\n"
    "  return table.concat({\n"
    "    show(pcall(string.find, s, p, init)),\n"
    "    show(pcall(string.match, s, p, init)),\n"
    "    show(pcall(all, s, p, init)),\n"
    "    show(pcall(string.gsub, s, p, '<%0>')),\n"
    "    show(pcall(string.gsub, s, p, '%2%%%1', 2)),\n"
    "    show(pcall(string.gsub, s, p, odd)),\n"
    "    show(pcall(string.gsub, s, p, map)),\n"
    "    show(pcall(string.find, s, p, init, true)),\n"
    "  }, '\\n')\n"
    "end\n"
    "function answer(code, ...) return show(pcall(load(code, '=?'), ...)) end\n";

static void run(lua_State *L, const char *source)
{
    if (luaL_dostring(L, source) != LUA_OK)
        fail_msg("%s", lua_tostring(L, -1));
}

static lua_State *new_state(void)
{
    lua_State *L = luaL_newstate();
    assert_non_null(L);
    luaL_openlibs(L);
    run(L, probe_source);
    lua_settop(L, 0);
    return L;
}

int string_states_set_up(void **state)
{
    (void)state;
    string_budget.left = AMPLE;
    string_stock = new_state();
    string_ours = new_state();
    lua_getglobal(string_ours, "string");
    lib_string_install(string_ours, budget_of);
    assert_int_equal(lua_gettop(string_ours), 1);
    lua_settop(string_ours, 0);
    return 0;
}

int string_states_tear_down(void **state)
{
    (void)state;
    lua_close(string_ours);
    lua_close(string_stock);
    return 0;
}

const char *string_answer(lua_State *L, const char *code)
{
    lua_settop(L, 0);
    lua_getglobal(L, "answer");
    lua_pushstring(L, code);
    if (lua_pcall(L, 1, 1, 0) != LUA_OK)
        fail_msg("%s: %s", code, lua_tostring(L, -1));
    return lua_tostring(L, -1);
}
