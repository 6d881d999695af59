#include "bindings/policy/freeze.h"

#include <lauxlib.h>
#include <stdbool.h>

#include "base/buf.h"
#include "bindings/libs/lib_string.h"
#include "bindings/policy/assigned.h"
#include "bindings/vm/policy_file.h"
#include "bindings/vm/state.h"
#include "bindings/vm/view.h"

#define SEEN 1 /* stack index of a table from each visited value to the view that replaces it */
#define MAX_DEPTH 400
#define SLOTS 8
#define MAX_CODE (16u << 20) /* of one function */

static void freeze_value(lua_State *L, int depth);

/* Does it belong to the file or its modules? Our drivers' functions do not ("=schema"). */
static bool is_own(lua_State *L)
{
    lua_Debug info;
    lua_pushvalue(L, -1);
    lua_getinfo(L, ">S", &info);
    return info.source[0] == '@';
}

static int write_code(lua_State *L, const void *bytes, size_t length, void *arg)
{
    (void)L;
    return buf_add(arg, bytes, length);
}

/* The function is on top. Nothing raises while the buffer holds memory. */
static void refuse_assignments(lua_State *L)
{
    if (state_of(L)->file->known)
        return;
    struct assigned found;
    struct buf code;
    lua_Debug info;
    buf_init(&code, MAX_CODE);
    bool dumped = lua_dump(L, write_code, &code, 0) == 0;
    int result = dumped ? assigned_find(code.data, code.len, &found) : -1;
    buf_clear(&code);
    lua_pushvalue(L, -1);
    lua_getinfo(L, ">S", &info);
    if (result < 0)
        luaL_error(L, "%s:%d: the code of this function cannot be read", info.short_src,
                   info.linedefined);
    if (result > 0)
        luaL_error(L,
                   "%s:%d: \"%s\" is assigned in a function, and would keep its value after the "
                   "file has run: a policy keeps nothing between resources",
                   info.short_src, found.line, found.name);
}

/* Freezes the upvalues of the function on top, which stays there. */
static void freeze_function(lua_State *L, int depth)
{
    if (lib_string_is_iterator(L, -1))
        luaL_error(L, "an iterator of gmatch would stay after the file has run: a policy keeps "
                      "nothing between resources");
    if (lua_iscfunction(L, -1) || !is_own(L))
        return;
    refuse_assignments(L);
    for (int i = 1; lua_getupvalue(L, -1, i) != NULL; i++) {
        freeze_value(L, depth);
        lua_setupvalue(L, -2, i);
    }
}

/* Freezes all values in the table on top. */
static void freeze_fields(lua_State *L, int depth)
{
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        if (lua_istable(L, -2) || lua_isfunction(L, -2))
            luaL_error(L, "a table whose keys are tables or functions cannot stay after the file "
                          "has run: create it where it is used");
        freeze_value(L, depth);
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, -4);
    }
}

/* Replaces the table on top by a view of it. A view stays, and its real table is frozen. */
static void freeze_table(lua_State *L, int depth)
{
    if (!view_real(L, -1)) {
        lua_pushvalue(L, -1);
        view_freeze_kept(L);
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

/* Was the value on top visited already? Then its replacement takes its place. */
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

/* The host reads the tables of policy {…} as they are; its functions are the ones that the host
 * calls. */
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
