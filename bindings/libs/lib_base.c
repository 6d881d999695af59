#include "bindings/libs/lib_base.h"

#include <lauxlib.h>
#include <lualib.h>

#include "bindings/vm/allowed.h"
#include "bindings/vm/view.h"

static const char *const names[] = {
    "assert", "error",  "ipairs", "next",     "pairs", "pcall",  "rawequal",
    "rawget", "rawlen", "select", "tostring", "type",  "xpcall", NULL,
};

/* xpcall: its handler is called after the error has ended. The library's own xpcall calls the
 * handler inside the error, where a hook that raises (see budget.h) is off, so a handler could run
 * forever. */

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

static int xpcall(lua_State *L)
{
    int count = lua_gettop(L);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_pushvalue(L, 1);
    lua_insert(L, 3);
    return protected_over(L, lua_pcallk(L, count - 2, LUA_MULTRET, 0, 0, protected_over), 0);
}

void lib_base_add(lua_State *L)
{
    luaL_requiref(L, LUA_GNAME, luaopen_base, 1);
    allowed_wrap(L, "tonumber", allowed_long_text);
    allowed_move(L, names);
    view_base(L);
    lua_pushcfunction(L, xpcall);
    lua_setfield(L, -2, "xpcall");
}
