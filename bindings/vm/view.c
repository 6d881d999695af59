#include "bindings/vm/view.h"

#include <lauxlib.h>

#include "bindings/vm/state.h"

/* In a metatable: the real table, or true if the view itself holds it under real_key. */
static const char view_key;
static const char real_key;
static const char state_key; /* in a view of a state: the drivers' key */

enum kind { VIEW_NONE, VIEW_VALUE, VIEW_OTHER };

/* Pushes the real table, unless the result is VIEW_NONE. */
static enum kind push_real(lua_State *L, int index)
{
    if (lua_type(L, index) != LUA_TTABLE || !lua_getmetatable(L, index))
        return VIEW_NONE;
    index = index > 0 ? index : index - 1; /* below the metatable */
    if (lua_topointer(L, -1) == state_of(L)->view) {
        lua_rawgetp(L, index, &real_key);
        lua_replace(L, -2);
        return VIEW_VALUE;
    }
    int type = lua_rawgetp(L, -1, &view_key);
    lua_remove(L, -2);
    if (type == LUA_TTABLE)
        return VIEW_OTHER;
    lua_pop(L, 1);
    if (type == LUA_TNIL)
        return VIEW_NONE;
    lua_rawgetp(L, index < 0 ? index + 1 : index, &real_key);
    return VIEW_VALUE;
}

bool view_real(lua_State *L, int index)
{
    return push_real(L, index) != VIEW_NONE;
}

bool view_is_state(lua_State *L, int index)
{
    if (!lua_getmetatable(L, index))
        return false;
    state_push(L, STATE_STATE);
    bool same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same;
}

static bool is_view(lua_State *L, int index)
{
    if (!lua_getmetatable(L, index))
        return false;
    bool view = lua_topointer(L, -1) == state_of(L)->view;
    if (!view) {
        view = lua_rawgetp(L, -1, &view_key) != LUA_TNIL;
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return view;
}

/* ---- common to all views ---- */

static int refuse_write(lua_State *L)
{
    if (lua_type(L, 2) == LUA_TSTRING)
        return luaL_error(L, "\"%s\" cannot be set: this is read-only", lua_tostring(L, 2));
    return luaL_error(L, "this is read-only");
}

/* Finds the position in the policy, even if it writes through a function of the table library. */
static void push_position(lua_State *L)
{
    lua_Debug at;
    for (int level = 1; lua_getstack(L, level, &at); level++) {
        lua_getinfo(L, "Sl", &at);
        if (at.currentline > 0) {
            lua_pushfstring(L, "%s:%d: ", at.short_src, at.currentline);
            return;
        }
    }
    lua_pushliteral(L, "");
}

static int refuse_keeping(lua_State *L)
{
    const char *key = lua_type(L, 2) == LUA_TNUMBER || lua_type(L, 2) == LUA_TSTRING
                          ? luaL_tolstring(L, 2, NULL)
                          : NULL;
    push_position(L);
    if (key != NULL)
        lua_pushfstring(L, "\"%s\" cannot be set: ", key);
    else
        lua_pushliteral(L, "");
    lua_pushliteral(
        L, "this table is frozen after the file has run: a policy keeps nothing between resources");
    lua_concat(L, 3);
    return lua_error(L);
}

static int view_length(lua_State *L)
{
    view_real(L, 1);
    lua_pushinteger(L, (lua_Integer)lua_rawlen(L, -1));
    return 1;
}

/* The value on top belongs to the key at `key` in the real table at `real`: stores it there,
 * wrapped. */
static void keep_wrapped(lua_State *L, int real, int key)
{
    int type = lua_type(L, -1);
    bool kept =
        type == LUA_TTABLE ? is_view(L, -1) : type != LUA_TFUNCTION || lua_iscfunction(L, -1);
    if (kept)
        return;
    view_wrap(L);
    lua_pushvalue(L, key);
    lua_pushvalue(L, -2);
    lua_rawset(L, real);
}

/* next(table, key), also for views. */
static int view_next(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    enum kind kind = push_real(L, 1);
    if (kind == VIEW_NONE)
        lua_pushvalue(L, 1);
    lua_pushvalue(L, 2);
    if (lua_next(L, 3) == 0) {
        lua_pushnil(L);
        return 1;
    }
    if (kind == VIEW_VALUE)
        keep_wrapped(L, 3, 4);
    return 2;
}

static int view_pairs(lua_State *L)
{
    lua_pushcfunction(L, view_next);
    lua_pushvalue(L, 1);
    lua_pushnil(L);
    return 3;
}

static void set_function(lua_State *L, const char *name, lua_CFunction fn)
{
    lua_pushcfunction(L, fn);
    lua_setfield(L, -2, name);
}

/* Pushes a metatable for views, without __index. */
static void push_metatable(lua_State *L)
{
    lua_createtable(L, 0, 6);
    lua_pushboolean(L, true);
    lua_rawsetp(L, -2, &view_key);
    set_function(L, "__newindex", refuse_write);
    set_function(L, "__len", view_length);
    set_function(L, "__pairs", view_pairs);
}

/* ---- views of values ---- */

/* A missing field may raise an error: the real table can have its own __index. */
static int view_index(lua_State *L)
{
    lua_rawgetp(L, 1, &real_key);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, 3) == LUA_TNIL) {
        lua_pushvalue(L, 2);
        lua_gettable(L, 3);
        return 1;
    }
    keep_wrapped(L, 3, 2);
    return 1;
}

static int called(lua_State *L, int status, lua_KContext context)
{
    (void)status, (void)context;
    for (int i = 1; i <= lua_gettop(L); i++) {
        if (!lua_istable(L, i) && !lua_isfunction(L, i))
            continue;
        lua_pushvalue(L, i);
        view_wrap(L);
        lua_replace(L, i);
    }
    return lua_gettop(L);
}

/* Calls a function of a state. Upvalue: the policy's function. */
static int call_wrapped(lua_State *L)
{
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_callk(L, lua_gettop(L) - 1, LUA_MULTRET, 0, called);
    return called(L, LUA_OK, 0);
}

void view_wrap(lua_State *L)
{
    luaL_checkstack(L, 6, "value is nested too deeply");
    if (lua_isfunction(L, -1) && !lua_iscfunction(L, -1)) {
        lua_pushcclosure(L, call_wrapped, 1);
        return;
    }
    if (!lua_istable(L, -1) || is_view(L, -1))
        return;
    lua_createtable(L, 0, 1);
    lua_insert(L, -2);
    lua_rawsetp(L, -2, &real_key);
    state_push(L, STATE_VIEW);
    lua_setmetatable(L, -2);
}

/* ---- views of tables that stay ---- */

void view_freeze(lua_State *L)
{
    luaL_checkstack(L, 6, "value is nested too deeply");
    int real = lua_gettop(L);
    lua_newtable(L);
    push_metatable(L);
    lua_pushvalue(L, real);
    lua_rawsetp(L, -2, &view_key);
    lua_pushvalue(L, real);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    lua_remove(L, real);
}

void view_freeze_kept(lua_State *L)
{
    view_freeze(L);
    lua_getmetatable(L, -1);
    set_function(L, "__newindex", refuse_keeping);
    lua_pop(L, 1);
}

void view_freeze_deep(lua_State *L)
{
    luaL_checkstack(L, 8, "value is nested too deeply");
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        if (lua_type(L, -1) == LUA_TTABLE) {
            view_freeze_deep(L);
            lua_pushvalue(L, -2);
            lua_insert(L, -2);
            lua_rawset(L, -4);
        } else {
            lua_pop(L, 1);
        }
    }
    view_freeze(L);
}

/* ---- functions of the base library ---- */

static int view_rawget(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checkany(L, 2);
    lua_settop(L, 2);
    if (is_view(L, 1))
        lua_gettable(L, 1);
    else
        lua_rawget(L, 1);
    return 1;
}

static int view_rawlen(lua_State *L)
{
    int type = lua_type(L, 1);
    luaL_argexpected(L, type == LUA_TTABLE || type == LUA_TSTRING, 1, "table or string");
    lua_settop(L, 1);
    view_real(L, 1);
    lua_pushinteger(L, (lua_Integer)lua_rawlen(L, -1));
    return 1;
}

static const luaL_Reg base[] = {
    {"rawget", view_rawget},
    {"rawlen", view_rawlen},
    {NULL, NULL},
};

void view_base(lua_State *L)
{
    luaL_setfuncs(L, base, 0);
}

/* ---- for the drivers ---- */

static int core_wrap(lua_State *L)
{
    lua_settop(L, 1);
    view_wrap(L);
    return 1;
}

static int core_state(lua_State *L)
{
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    lua_createtable(L, 0, 2);
    lua_insert(L, 2);
    lua_rawsetp(L, 2, &real_key);
    lua_pushvalue(L, 1);
    lua_rawsetp(L, 2, &state_key);
    state_push(L, STATE_STATE);
    lua_setmetatable(L, 2);
    return 1;
}

static int returned(lua_State *L, int status, lua_KContext context)
{
    (void)status, (void)context;
    return lua_gettop(L) - 2;
}

/* Returns an existing part, or what the driver's function (the upvalue) finds. */
static int state_index(lua_State *L)
{
    lua_settop(L, 2);
    lua_rawgetp(L, 1, &real_key);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, 3) != LUA_TNIL)
        return 1;
    lua_settop(L, 2);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_rawgetp(L, 1, &state_key);
    lua_pushvalue(L, 2);
    lua_callk(L, 2, 1, 0, returned);
    return 1;
}

static int state_pairs(lua_State *L)
{
    lua_settop(L, 2);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_rawgetp(L, 1, &state_key);
    lua_callk(L, 1, 3, 0, returned);
    return 3;
}

/* set_state_functions(find, each): sets the functions that views of states call. */
static int core_set_state_functions(lua_State *L)
{
    lua_settop(L, 2);
    push_metatable(L);
    lua_pushvalue(L, 1);
    lua_pushcclosure(L, state_index, 1);
    lua_setfield(L, -2, "__index");
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, state_pairs, 1);
    lua_setfield(L, -2, "__pairs");
    state_store(L, STATE_STATE);
    return 0;
}

static const luaL_Reg functions[] = {
    {"next", view_next},   {"wrap", core_wrap},
    {"state", core_state}, {"set_state_functions", core_set_state_functions},
    {NULL, NULL},
};

void view_core(lua_State *L)
{
    luaL_setfuncs(L, functions, 0);
}

void view_open(lua_State *L)
{
    push_metatable(L);
    set_function(L, "__index", view_index);
    state_of(L)->view = lua_topointer(L, -1);
    state_store(L, STATE_VIEW);
}
