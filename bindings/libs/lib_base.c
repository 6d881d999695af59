#include "bindings/libs/lib_base.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bindings/vm/allowed.h"
#include "bindings/vm/budget.h"
#include "bindings/vm/view.h"

static const char *const names[] = {
    "assert", "error",  "ipairs", "pcall",    "rawequal", "rawget",
    "rawlen", "select", "type",   "tostring", "xpcall",   NULL,
};

/* pairs, next: in the order of the keys. Lua's own order follows the addresses of a run, so the
 * text of a finding could differ between two runs of the same state. */

#define FEW 32 /* keys that need no memory of their own to be sorted */

enum rank { RANK_NUMBER, RANK_STRING, RANK_BOOLEAN, RANK_OTHER };

struct key {
    enum rank rank;
    bool integral; /* Lua keeps a float of the same value as an integer */
    lua_Integer integer;
    lua_Number number;
    const char *text; /* of a string; belongs to Lua */
    size_t length;
    const void *pointer; /* of other types, which have no order of their own */
    int found;           /* where it is: on the stack, or in a list */
};

static void read_number(lua_State *L, int index, struct key *key)
{
    int integral;
    key->rank = RANK_NUMBER;
    key->number = lua_tonumber(L, index);
    key->integer = lua_tointegerx(L, index, &integral);
    key->integral = integral;
}

static struct key key_at(lua_State *L, int index)
{
    struct key key = {.rank = RANK_OTHER};
    switch (lua_type(L, index)) {
    case LUA_TNUMBER: read_number(L, index, &key); break;
    case LUA_TSTRING:
        key.rank = RANK_STRING;
        key.text = lua_tolstring(L, index, &key.length);
        break;
    case LUA_TBOOLEAN:
        key.rank = RANK_BOOLEAN;
        key.integer = lua_toboolean(L, index);
        key.integral = true;
        break;
    default: key.pointer = lua_topointer(L, index);
    }
    return key;
}

static int by_text(const struct key *a, const struct key *b)
{
    int order = memcmp(a->text, b->text, a->length < b->length ? a->length : b->length);
    return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

/* A float that is no integer equals an integer only if that was rounded: up to 2^63. */
static int by_number(const struct key *a, const struct key *b)
{
    if (a->integral && b->integral)
        return (a->integer > b->integer) - (a->integer < b->integer);
    int order = (a->number > b->number) - (a->number < b->number);
    return order != 0 ? order : b->integral - a->integral;
}

static int by_key(const void *one, const void *other)
{
    const struct key *a = one, *b = other;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    if (a->rank == RANK_STRING)
        return by_text(a, b);
    if (a->rank == RANK_OTHER)
        return (a->pointer > b->pointer) - (a->pointer < b->pointer);
    return by_number(a, b);
}

/* Pushes the value of the key on top; returns its type. Index 1 is the table. */
static int push_value(lua_State *L, bool view)
{
    lua_pushvalue(L, -1);
    return view ? lua_gettable(L, 1) : lua_rawget(L, 1);
}

/* ---- next ---- */

/* Pushes the key that follows the one at index 2, or the first one if that is nil. */
static bool push_following(lua_State *L, int table)
{
    struct key last = key_at(L, 2), best = {.rank = RANK_OTHER};
    bool first = lua_isnil(L, 2), found = false;
    uint64_t count = 0;
    lua_pushnil(L);
    int kept = lua_gettop(L);
    for (lua_pushnil(L); lua_next(L, table) != 0; lua_pop(L, 1)) {
        struct key key = key_at(L, -2);
        count++;
        if ((!first && by_key(&key, &last) <= 0) || (found && by_key(&key, &best) >= 0))
            continue;
        best = key;
        found = true;
        lua_pushvalue(L, -2);
        lua_replace(L, kept);
    }
    budget_charge(L, count);
    return found;
}

static int ordered_next(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    bool view = view_real(L, 1);
    if (!push_following(L, view ? 3 : 1))
        return 1;
    push_value(L, view);
    return 2;
}

/* ---- pairs ---- */

/* The steps of a loop over at most one key, which many tables have. */
static int next_of_one(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    bool first = lua_isnil(L, 2), view = view_real(L, 1);
    if (!first)
        return 0;
    lua_pushnil(L);
    if (lua_next(L, view ? 3 : 1) == 0)
        return 0;
    lua_pop(L, 1);
    push_value(L, view);
    return 2;
}

/* One step of a loop over sorted keys, each of which push_key pushes by its position, until there
 * are no more. A key that the loop has removed is left out. Upvalues: the last position, is it a
 * view?, then the keys. */
static inline int next_of_keys(lua_State *L, bool (*push_key)(lua_State *L, lua_Integer at))
{
    lua_Integer at = lua_tointeger(L, lua_upvalueindex(1));
    bool view = lua_toboolean(L, lua_upvalueindex(2));
    for (lua_settop(L, 1); push_key(L, ++at); lua_settop(L, 1)) {
        if (push_value(L, view) == LUA_TNIL)
            continue;
        lua_pushinteger(L, at);
        lua_replace(L, lua_upvalueindex(1));
        return 2;
    }
    return 0;
}

static bool push_upvalue(lua_State *L, lua_Integer at)
{
    int index = lua_upvalueindex(2 + (int)at);
    if (lua_isnone(L, index))
        return false;
    lua_pushvalue(L, index);
    return true;
}

static int next_of_few(lua_State *L)
{
    return next_of_keys(L, push_upvalue);
}

static bool push_listed(lua_State *L, lua_Integer at)
{
    return lua_rawgeti(L, lua_upvalueindex(3), at) != LUA_TNIL;
}

static int next_of_many(lua_State *L)
{
    return next_of_keys(L, push_listed);
}

static void sort_few(struct key *keys, int count)
{
    for (int i = 1; i < count; i++) {
        struct key key = keys[i];
        int at = i;
        for (; at > 0 && by_key(&keys[at - 1], &key) > 0; at--)
            keys[at] = keys[at - 1];
        keys[at] = key;
    }
}

/* Pushes the keys; returns how many there are, at most FEW. */
static int push_keys(lua_State *L, int table, struct key *keys)
{
    int count = 0;
    luaL_checkstack(L, 2 * FEW + 6, NULL);
    lua_pushnil(L);
    while (lua_next(L, table) != 0) {
        lua_pop(L, 1);
        if (count == FEW)
            return FEW + 1;
        keys[count] = key_at(L, -1);
        keys[count++].found = lua_gettop(L);
        lua_pushvalue(L, -1);
    }
    return count;
}

/* Pushes a closure that holds its keys: most tables are small, and one block of memory is cheap. */
static void push_few(lua_State *L, struct key *keys, int count, bool view)
{
    budget_charge(L, (uint64_t)count);
    sort_few(keys, count);
    lua_pushinteger(L, 0);
    lua_pushboolean(L, view);
    for (int i = 0; i < count; i++)
        lua_pushvalue(L, keys[i].found);
    lua_pushcclosure(L, next_of_few, count + 2);
}

/* Sorting takes a step for each comparison. */
static void charge_many(lua_State *L, int count)
{
    uint64_t steps = 0;
    for (int rest = count; rest > 0; rest /= 2)
        steps += (uint64_t)count;
    budget_charge(L, steps);
}

/* The list is filled twice: with the keys as they are found, and sorted. */
static void push_many(lua_State *L, int table, bool view)
{
    int count = 0;
    for (lua_pushnil(L); lua_next(L, table) != 0; lua_pop(L, 1))
        count++;
    charge_many(L, count);
    struct key *keys = lua_newuserdatauv(L, (size_t)count * sizeof *keys, 0);
    lua_pushinteger(L, 0);
    lua_pushboolean(L, view);
    lua_createtable(L, count, 0);
    lua_createtable(L, count, 0);
    count = 0;
    for (lua_pushnil(L); lua_next(L, table) != 0; lua_pop(L, 1)) {
        keys[count] = key_at(L, -2);
        keys[count].found = count + 1;
        count++;
        lua_pushvalue(L, -2);
        lua_rawseti(L, -4, count);
    }
    qsort(keys, (size_t)count, sizeof *keys, by_key);
    for (int i = 0; i < count; i++) {
        lua_rawgeti(L, -1, keys[i].found);
        lua_rawseti(L, -3, i + 1);
    }
    lua_pop(L, 1);
    lua_pushcclosure(L, next_of_many, 3);
}

/* After the function of the state's view. */
static int pairs_of_state(lua_State *L, int status, lua_KContext context)
{
    (void)L, (void)status, (void)context;
    return 3;
}

static int ordered_pairs(lua_State *L)
{
    struct key keys[FEW];
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    if (view_is_state(L, 1)) {
        luaL_getmetafield(L, 1, "__pairs");
        lua_pushvalue(L, 1);
        lua_callk(L, 1, 3, 0, pairs_of_state);
        return 3;
    }
    bool view = view_real(L, 1);
    int table = lua_gettop(L);
    int count = push_keys(L, table, keys);
    if (count < 2)
        lua_pushcfunction(L, next_of_one);
    else if (count <= FEW)
        push_few(L, keys, count, view);
    else
        push_many(L, table, view);
    lua_pushvalue(L, 1);
    return 2;
}

/* ---- xpcall ---- */

/* Its handler is called after the error has ended. The library's own xpcall calls the
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

static const luaL_Reg own[] = {
    {"next", ordered_next},
    {"pairs", ordered_pairs},
    {"xpcall", xpcall},
    {NULL, NULL},
};

void lib_base_add(lua_State *L)
{
    luaL_requiref(L, LUA_GNAME, luaopen_base, 1);
    lua_pushcfunction(L, ordered_pairs);
    lua_setfield(L, -2, "pairs"); /* of the drivers; their `next` stays Lua's, which is faster */
    allowed_wrap(L, "tonumber", allowed_long_text);
    allowed_move(L, names);
    view_base(L);
    luaL_setfuncs(L, own, 0);
}
