#include "bindings/vm/convert_push.h"

#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "bindings/vm/budget.h"
#include "bindings/vm/state.h"

const char convert_order_key;
const char convert_none;

void convert_push_none(lua_State *L)
{
    lua_pushlightuserdata(L, (void *)(uintptr_t)&convert_none);
}

void convert_mark_list(lua_State *L, int index)
{
    index = lua_absindex(L, index);
    state_push(L, STATE_LIST);
    lua_setmetatable(L, index);
}

static void push_list(lua_State *L, const json_t *list, enum convert_push_mode mode)
{
    size_t count = json_array_size(list);
    budget_charge(L, CONVERT_STEPS * count);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        convert_push(L, json_array_get(list, i), mode);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    convert_mark_list(L, -1);
}

/* The order of keys is the array part of a metatable that belongs to this object: no other table
 * refers to it, and both are collected together. */
static void push_ordered(lua_State *L, const json_t *object)
{
    size_t count = json_object_size(object);
    lua_Integer at = 0;
    budget_charge(L, CONVERT_STEPS * count);
    lua_createtable(L, 0, (int)count);
    lua_createtable(L, (int)count, 1);
    lua_pushboolean(L, 1);
    lua_rawsetp(L, -2, &convert_order_key);
    for (void *i = json_object_iter((json_t *)object); i != NULL;
         i = json_object_iter_next((json_t *)object, i)) {
        lua_pushlstring(L, json_object_iter_key(i), json_object_iter_key_len(i));
        lua_pushvalue(L, -1);
        lua_rawseti(L, -3, ++at);
        convert_push(L, json_object_iter_value(i), CONVERT_ORDER);
        lua_rawset(L, -4);
    }
    lua_setmetatable(L, -2);
}

static void push_object(lua_State *L, const json_t *object, enum convert_push_mode mode)
{
    budget_charge(L, CONVERT_STEPS * json_object_size(object));
    lua_createtable(L, 0, (int)json_object_size(object));
    for (void *i = json_object_iter((json_t *)object); i != NULL;
         i = json_object_iter_next((json_t *)object, i)) {
        const json_t *value = json_object_iter_value(i);
        if (json_is_null(value))
            continue;
        lua_pushlstring(L, json_object_iter_key(i), json_object_iter_key_len(i));
        convert_push(L, value, mode);
        lua_rawset(L, -3);
    }
}

void convert_push(lua_State *L, const json_t *value, enum convert_push_mode mode)
{
    luaL_checkstack(L, 8, "value is nested too deeply");
    if (value == NULL) {
        lua_pushnil(L);
        return;
    }
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        if (mode == CONVERT_ORDER)
            push_ordered(L, value);
        else
            push_object(L, value, mode);
        break;
    case JSON_ARRAY: push_list(L, value, mode); break;
    case JSON_STRING:
        lua_pushlstring(L, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER: lua_pushinteger(L, json_integer_value(value)); break;
    case JSON_REAL: lua_pushnumber(L, json_real_value(value)); break;
    case JSON_TRUE: lua_pushboolean(L, 1); break;
    case JSON_FALSE: lua_pushboolean(L, 0); break;
    case JSON_NULL: lua_pushlightuserdata(L, NULL); break;
    }
}

void convert_open(lua_State *L)
{
    lua_createtable(L, 0, 0);
    state_store(L, STATE_LIST);
}
