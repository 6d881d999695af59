#include "bindings/vm/allowed.h"

#include <lauxlib.h>

#include "bindings/vm/budget.h"

void allowed_move(lua_State *L, const char *const *names)
{
    for (; *names != NULL; names++) {
        lua_getfield(L, -1, *names);
        lua_setfield(L, -3, *names);
    }
    lua_pop(L, 1);
}

void allowed_wrap(lua_State *L, const char *name, lua_CFunction wrapper)
{
    lua_getfield(L, -1, name);
    lua_pushcclosure(L, wrapper, 1);
    lua_setfield(L, -3, name);
}

int allowed_original(lua_State *L)
{
    int count = lua_gettop(L);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, count, LUA_MULTRET);
    return lua_gettop(L);
}

int allowed_long_text(lua_State *L)
{
    if (lua_type(L, 1) == LUA_TSTRING)
        budget_charge(L, lua_rawlen(L, 1));
    return allowed_original(L);
}
