#include "bindings/policy/sandbox.h"

#include <lualib.h>
#include <string.h>

#include "bindings/libs/lib_base.h"
#include "bindings/libs/lib_string.h"
#include "bindings/libs/openers.h"
#include "bindings/policy/drivers.h"
#include "bindings/policy/require.h"
#include "bindings/vm/allowed.h"
#include "bindings/vm/budget.h"
#include "bindings/vm/state.h"
#include "bindings/vm/view.h"

static const char *const utf8_names[] = {"char", "charpattern", "codes", NULL};

static const char *const math_names[] = {"abs",        "ceil", "floor",      "fmod", "huge", "max",
                                         "maxinteger", "min",  "mininteger", "modf", "pi",   "sqrt",
                                         "tointeger",  "type", "ult",        "exp",  "log",  NULL};

static const char *const string_names[] = {"byte",    "char", "find",  "format", "gmatch",
                                           "gsub",    "len",  "lower", "match",  "rep",
                                           "reverse", "sub",  "upper", NULL};

/* ---- each function adds to the environment, the table on top ---- */

static void set_frozen(lua_State *L, const char *name)
{
    view_freeze(L);
    lua_setfield(L, -2, name);
}

/* Strings look up their methods in a new table to which nothing else refers; policies see it
 * through a frozen view. */
static void add_string(lua_State *L)
{
    lua_newtable(L);
    luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 1);
    lib_string_install(L, budget_patterns);
    allowed_move(L, string_names);
    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 2);
    set_frozen(L, LUA_STRLIBNAME);
}

static void add_utf8(lua_State *L)
{
    lua_newtable(L);
    luaL_requiref(L, LUA_UTF8LIBNAME, luaopen_utf8, 1);
    allowed_wrap(L, "codepoint", allowed_long_text);
    allowed_wrap(L, "len", allowed_long_text);
    allowed_wrap(L, "offset", allowed_long_text);
    allowed_move(L, utf8_names);
    set_frozen(L, LUA_UTF8LIBNAME);
}

static void add_library(lua_State *L, const char *name, lua_CFunction open,
                        const char *const *names)
{
    lua_newtable(L);
    luaL_requiref(L, name, open, 1);
    allowed_move(L, names);
    set_frozen(L, name);
}

static void add_own(lua_State *L)
{
    openers_libraries(L, OPENERS_POLICY, set_frozen);
    require_open(L);
}

static int refuse_global(lua_State *L)
{
    return luaL_error(L, "global \"%s\" cannot be set: a policy has only local variables",
                      luaL_tolstring(L, 2, NULL));
}

static int refuse_unknown(lua_State *L)
{
    const char *name = luaL_tolstring(L, 2, NULL);
    return luaL_error(L, "there is no global \"%s\"%s", name,
                      strcmp(name, "print") == 0 ? ": resource:log(…) and scope:log(…) log values"
                                                 : "");
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
    lib_base_add(L);
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
    if (state_protect(state, err, open_all, state) == 0)
        return 0;
    return err_prefix(err, "the Lua sandbox cannot be created");
}
