#include "bindings/libs/lib_table.h"

#include <lauxlib.h>
#include <lualib.h>

#include "bindings/vm/allowed.h"
#include "bindings/vm/budget.h"

#define MAX_ELEMENTS 1000000

static const char *const names[] = {"concat", "pack", "unpack", NULL};

static int sort(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer count = luaL_len(L, 1);
    luaL_argcheck(L, count < MAX_ELEMENTS, 1, "too many elements to sort");
    uint64_t steps = (uint64_t)count;
    for (lua_Integer left = count; left > 1; left /= 2)
        steps += (uint64_t)count;
    budget_charge(L, steps);
    return allowed_original(L);
}

static int move(lua_State *L)
{
    lua_Integer from = luaL_checkinteger(L, 2);
    lua_Integer to = luaL_checkinteger(L, 3);
    if (to >= from) {
        lua_Unsigned count = (lua_Unsigned)to - (lua_Unsigned)from;
        luaL_argcheck(L, count < MAX_ELEMENTS, 3, "too many elements to move");
        budget_charge(L, count + 1);
    }
    return allowed_original(L);
}

/* Appending is by far the most frequent use. */
static int insert(lua_State *L)
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
    return allowed_original(L);
}

static int remove_at(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer count = luaL_len(L, 1);
    lua_Integer at = luaL_optinteger(L, 2, count);
    if (at >= 1 && at <= count)
        budget_charge(L, (uint64_t)(count - at));
    return allowed_original(L);
}

void lib_table_push(lua_State *L)
{
    lua_newtable(L);
    luaL_requiref(L, LUA_TABLIBNAME, luaopen_table, 1);
    allowed_wrap(L, "sort", sort);
    allowed_wrap(L, "insert", insert);
    allowed_wrap(L, "remove", remove_at);
    allowed_wrap(L, "move", move);
    allowed_move(L, names);
}
