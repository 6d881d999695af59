#include "freeze.h"

#include <lauxlib.h>

#include "state.h"
#include "view.h"

#define SEEN 1 /* place on the stack: what was walked through, and the view that stands for it */
#define MAX_DEPTH 400
#define SLOTS 8

static void freeze_value(lua_State *L, int depth);

/* Of the file or its modules? Our drivers' functions are not ("=schema"). */
static bool is_own(lua_State *L)
{
    lua_Debug info;
    lua_pushvalue(L, -1);
    lua_getinfo(L, ">S", &info);
    return info.source[0] == '@';
}

/* Of the function on top, which stays. */
static void freeze_function(lua_State *L, int depth)
{
    if (lua_iscfunction(L, -1) || !is_own(L))
        return;
    for (int i = 1; lua_getupvalue(L, -1, i) != NULL; i++) {
        freeze_value(L, depth);
        lua_setupvalue(L, -2, i);
    }
}

/* All that stands in the table on top. */
static void freeze_fields(lua_State *L, int depth)
{
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        freeze_value(L, depth);
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, -4);
    }
}

/* Replaces the table on top by a view of it; a view stays, and what is behind it is frozen. */
static void freeze_table(lua_State *L, int depth)
{
    if (!view_real(L, -1)) {
        lua_pushvalue(L, -1);
        view_freeze(L);
        lua_insert(L, -2);
    }
    lua_pushvalue(L, -1);
    lua_pushvalue(L, -3);
    lua_rawset(L, SEEN);
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -1);
    lua_rawset(L, SEEN);
    freeze_fields(L, depth);
    lua_pop(L, 1);
}

/* Has it been walked through? Then what stands for it takes its place on top. */
static bool was_seen(lua_State *L)
{
    lua_pushvalue(L, -1);
    if (lua_rawget(L, SEEN) == LUA_TNIL) {
        lua_pop(L, 1);
        return false;
    }
    lua_replace(L, -2);
    return true;
}

static void freeze_value(lua_State *L, int depth)
{
    int type = lua_type(L, -1);
    if ((type != LUA_TTABLE && type != LUA_TFUNCTION) || was_seen(L))
        return;
    if (depth >= MAX_DEPTH)
        luaL_error(L, "tables and functions of the file are nested too deeply");
    luaL_checkstack(L, SLOTS, "tables of the file are nested too deeply");
    if (type == LUA_TTABLE) {
        freeze_table(L, depth + 1);
        return;
    }
    lua_pushvalue(L, -1);
    lua_pushvalue(L, -1);
    lua_rawset(L, SEEN);
    freeze_function(L, depth + 1);
}

/* The tables of policy {…} are for the host, which reads them as they are; its functions are the
 * policy's doors. */
static void freeze_declared(lua_State *L, int depth)
{
    luaL_checkstack(L, SLOTS, "tables of the file are nested too deeply");
    if (depth >= MAX_DEPTH)
        luaL_error(L, "policy {…} is nested too deeply");
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        if (lua_istable(L, -1))
            freeze_declared(L, depth + 1);
        else
            freeze_value(L, depth + 1);
        lua_pop(L, 1);
    }
}

int freeze_file(lua_State *L)
{
    lua_settop(L, 0);
    lua_newtable(L);
    state_push(L, STATE_LOADED);
    freeze_fields(L, 0);
    state_push(L, STATE_DECLARED);
    freeze_declared(L, 0);
    return 0;
}
