#include "bindings/policy/sandbox.h"

#include <lualib.h>
#include <string.h>

#include "bindings/libs/lib_string.h"
#include "bindings/libs/openers.h"
#include "bindings/policy/drivers.h"
#include "bindings/policy/require.h"
#include "bindings/vm/budget.h"
#include "bindings/vm/state.h"
#include "bindings/vm/view.h"

#define MAX_ELEMENTS 1000000

static const char *const base_names[] = {
    "assert", "error",  "ipairs", "next",     "pairs", "pcall",  "rawequal",
    "rawget", "rawlen", "select", "tostring", "type",  "xpcall", NULL,
};

static const char *const table_names[] = {"concat", "pack", "unpack", NULL};

static const char *const utf8_names[] = {"char", "charpattern", "codes", NULL};

static const char *const math_names[] = {"abs",        "ceil", "floor",      "fmod", "huge", "max",
                                         "maxinteger", "min",  "mininteger", "modf", "pi",   "sqrt",
                                         "tointeger",  "type", "ult",        "exp",  "log",  NULL};

static const char *const string_names[] = {"byte",    "char", "find",  "format", "gmatch",
                                           "gsub",    "len",  "lower", "match",  "rep",
                                           "reverse", "sub",  "upper", NULL};

/* Copies the names from the table on top to the one below it, and pops the table. */
static void move_names(lua_State *L, const char *const *names)
{
    for (; *names != NULL; names++) {
        lua_getfield(L, -1, *names);
        lua_setfield(L, -3, *names);
    }
    lua_pop(L, 1);
}

/* ---- functions that may work long in C: charged, and limited ---- */

/* Calls the library's own function (upvalue 1) with the given arguments. */
static int call_original(lua_State *L)
{
    int count = lua_gettop(L);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, count, LUA_MULTRET);
    return lua_gettop(L);
}

static int table_sort(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer count = luaL_len(L, 1);
    luaL_argcheck(L, count < MAX_ELEMENTS, 1, "too many elements to sort");
    uint64_t steps = (uint64_t)count;
    for (lua_Integer left = count; left > 1; left /= 2)
        steps += (uint64_t)count;
    budget_charge(L, steps);
    return call_original(L);
}

static int table_move(lua_State *L)
{
    lua_Integer from = luaL_checkinteger(L, 2);
    lua_Integer to = luaL_checkinteger(L, 3);
    if (to >= from) {
        lua_Unsigned count = (lua_Unsigned)to - (lua_Unsigned)from;
        luaL_argcheck(L, count < MAX_ELEMENTS, 3, "too many elements to move");
        budget_charge(L, count + 1);
    }
    return call_original(L);
}

/* Appending is by far the most frequent use. */
static int table_insert(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer count = luaL_len(L, 1);
    if (lua_gettop(L) == 2) {
        lua_seti(L, 1, count + 1);
        return 0;
    }
    lua_Integer at = luaL_checkinteger(L, 2);
    if (at >= 1 && at <= count)
        budget_charge(L, (uint64_t)(count - at));
    return call_original(L);
}

static int table_remove(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer count = luaL_len(L, 1);
    lua_Integer at = luaL_optinteger(L, 2, count);
    if (at >= 1 && at <= count)
        budget_charge(L, (uint64_t)(count - at));
    return call_original(L);
}

/* For functions that read their first argument, a text, to its end. */
static int long_text(lua_State *L)
{
    if (lua_type(L, 1) == LUA_TSTRING)
        budget_charge(L, lua_rawlen(L, 1));
    return call_original(L);
}

/* Wraps the field of the table on top. */
static void wrap(lua_State *L, const char *name, lua_CFunction wrapper)
{
    lua_getfield(L, -1, name);
    lua_pushcclosure(L, wrapper, 1);
    lua_setfield(L, -3, name);
}

/* ---- xpcall: its handler is called after the error has ended. The library's own xpcall calls the
 * handler inside the error, where a hook that raises (see budget.h) is off, so a handler could run
 * for ever. ---- */

static int handled(lua_State *L, int status, lua_KContext context)
{
    (void)status;
    (void)context;
    return lua_gettop(L);
}

/* Stack: function, handler, then results or the error. */
static int protected_over(lua_State *L, int status, lua_KContext context)
{
    bool good = status == LUA_OK || status == LUA_YIELD;
    lua_pushboolean(L, good);
    lua_replace(L, good ? 2 : 1);
    if (good)
        return lua_gettop(L) - 1;
    lua_callk(L, 1, LUA_MULTRET, 0, handled);
    return handled(L, LUA_OK, context);
}

static int base_xpcall(lua_State *L)
{
    int count = lua_gettop(L);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_pushvalue(L, 1);
    lua_insert(L, 3);
    return protected_over(L, lua_pcallk(L, count - 2, LUA_MULTRET, 0, 0, protected_over), 0);
}

/* ---- the environment; each function adds to the table on top ---- */

static void add_base(lua_State *L)
{
    luaL_requiref(L, LUA_GNAME, luaopen_base, 1);
    wrap(L, "tonumber", long_text);
    move_names(L, base_names);
    view_base(L);
    lua_pushcfunction(L, base_xpcall);
    lua_setfield(L, -2, "xpcall");
}

static void add_table(lua_State *L)
{
    lua_newtable(L);
    luaL_requiref(L, LUA_TABLIBNAME, luaopen_table, 1);
    wrap(L, "sort", table_sort);
    wrap(L, "insert", table_insert);
    wrap(L, "remove", table_remove);
    wrap(L, "move", table_move);
    move_names(L, table_names);
    view_freeze(L);
    lua_setfield(L, -2, LUA_TABLIBNAME);
}

/* Strings look up their methods in a new table to which nothing else refers; policies see it
 * through a frozen view. */
static void add_string(lua_State *L)
{
    lua_newtable(L);
    luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 1);
    lib_string_install(L, budget_patterns);
    move_names(L, string_names);
    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 2);
    view_freeze(L);
    lua_setfield(L, -2, LUA_STRLIBNAME);
}

static void add_utf8(lua_State *L)
{
    lua_newtable(L);
    luaL_requiref(L, LUA_UTF8LIBNAME, luaopen_utf8, 1);
    wrap(L, "codepoint", long_text);
    wrap(L, "len", long_text);
    wrap(L, "offset", long_text);
    move_names(L, utf8_names);
    view_freeze(L);
    lua_setfield(L, -2, LUA_UTF8LIBNAME);
}

static void add_library(lua_State *L, const char *name, lua_CFunction open,
                        const char *const *names)
{
    lua_newtable(L);
    luaL_requiref(L, name, open, 1);
    move_names(L, names);
    view_freeze(L);
    lua_setfield(L, -2, name);
}

static void set_frozen(lua_State *L, const char *name)
{
    view_freeze(L);
    lua_setfield(L, -2, name);
}

static void add_own(lua_State *L)
{
    openers_libraries(L, OPENERS_POLICY, set_frozen);
    require_open(L);
}

static int refuse_global(lua_State *L)
{
    return luaL_error(L, "global \"%s\" cannot be set: a policy has locals only",
                      luaL_tolstring(L, 2, NULL));
}

static int refuse_unknown(lua_State *L)
{
    return luaL_error(L, "there is no global \"%s\"", luaL_tolstring(L, 2, NULL));
}

/* An unknown global is an error with its line number, instead of a nil that causes an error
 * later. */
static void freeze_environment(lua_State *L)
{
    lua_newtable(L);
    lua_pushcfunction(L, refuse_unknown);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    view_freeze(L);
    lua_getmetatable(L, -1);
    lua_pushcfunction(L, refuse_global);
    lua_setfield(L, -2, "__newindex");
    lua_pop(L, 1);
}

static int open_all(lua_State *L)
{
    openers_types(L);
    view_open(L);
    lua_newtable(L);
    add_base(L);
    add_table(L);
    add_string(L);
    add_library(L, LUA_MATHLIBNAME, luaopen_math, math_names);
    add_utf8(L);
    add_own(L);
    freeze_environment(L);
    state_store(L, STATE_ENV);
    drivers_open(L);
    budget_watch(L);
    return 0;
}

int sandbox_open(struct state *state, struct err *err)
{
    if (state_protect(state, open_all, state, err) == 0)
        return 0;
    return err_prefix(err, "the Lua sandbox cannot be made");
}
