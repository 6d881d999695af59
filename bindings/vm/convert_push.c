#include "bindings/vm/convert_push.h"

#include <lauxlib.h>
#include <stdint.h>

#include "bindings/vm/budget.h"
#include "bindings/vm/state.h"
#include "value/json_scan.h"

/* So many values wait on the stack, until a table is made that has room for them. */
#define BATCH 16

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

/* ---- JSON as text ---- */

struct reader {
    lua_State *L;
    struct json_scan scan;
    int depth;
};

static bool read_value(struct reader *reader);

/* ---- strings ---- */

static void push_unescaped(lua_State *L, const struct json_slice *slice)
{
    char small[512];
    size_t length = slice->length - slice->escapes;
    if (length <= sizeof small) {
        json_scan_unescape(slice, small);
        lua_pushlstring(L, small, length);
        return;
    }
    char *large = lua_newuserdatauv(L, length, 0);
    json_scan_unescape(slice, large);
    lua_pushlstring(L, large, length);
    lua_remove(L, -2);
}

/* Called after the opening quote. */
static bool read_string(struct reader *reader)
{
    struct json_slice slice;
    if (!json_scan_text(&reader->scan, &slice))
        return false;
    if (slice.escapes > 0)
        push_unescaped(reader->L, &slice);
    else
        lua_pushlstring(reader->L, slice.text, slice.length);
    return true;
}

/* ---- lists: the table, or nil until it is made, and above it the values that wait ---- */

static void store_values(lua_State *L, int list, lua_Integer stored)
{
    int count = lua_gettop(L) - list;
    budget_charge(L, CONVERT_STEPS * (uint64_t)count);
    if (stored == 0) {
        lua_createtable(L, count, 0);
        convert_mark_list(L, -1);
        lua_replace(L, list);
    }
    for (lua_Integer i = stored + count; i > stored; i--)
        lua_rawseti(L, list, i);
}

static bool read_values(struct reader *reader, int list)
{
    lua_Integer stored = 0;
    do {
        if (lua_gettop(reader->L) - list == BATCH) {
            store_values(reader->L, list, stored);
            stored += BATCH;
        }
        if (!read_value(reader))
            return false;
    } while (json_scan_take(&reader->scan, ','));
    store_values(reader->L, list, stored);
    return json_scan_take(&reader->scan, ']');
}

static bool read_list(struct reader *reader)
{
    lua_pushnil(reader->L);
    if (!json_scan_take(&reader->scan, ']'))
        return read_values(reader, lua_gettop(reader->L));
    store_values(reader->L, lua_gettop(reader->L), 0);
    return true;
}

/* ---- objects: the order of the keys, the table, and above it the members that wait ---- */

static void make_object(lua_State *L, int object, int count)
{
    lua_createtable(L, 0, count);
    lua_replace(L, object);
    lua_createtable(L, count, 1);
    lua_pushboolean(L, 1);
    lua_rawsetp(L, -2, &convert_order_key);
    lua_replace(L, object - 1);
}

/* Stores the key and the value on top of the stack; false: the key is a duplicate. */
static bool store_member(lua_State *L, int object, lua_Integer at)
{
    lua_pushvalue(L, -2);
    bool known = lua_rawget(L, object) != LUA_TNIL;
    lua_pop(L, 1);
    lua_pushvalue(L, -2);
    lua_rawseti(L, object - 1, at);
    lua_rawset(L, object);
    return !known;
}

static bool store_members(lua_State *L, int object, lua_Integer stored)
{
    int count = (lua_gettop(L) - object) / 2;
    bool once = true;
    budget_charge(L, CONVERT_STEPS * (uint64_t)count);
    if (stored == 0)
        make_object(L, object, count);
    for (lua_Integer i = stored + count; i > stored; i--)
        once = store_member(L, object, i) && once;
    return once;
}

static bool read_member(struct reader *reader)
{
    return json_scan_take(&reader->scan, '"') && read_string(reader) &&
           json_scan_take(&reader->scan, ':') && read_value(reader);
}

static bool read_members(struct reader *reader, int object)
{
    lua_Integer stored = 0;
    do {
        if (lua_gettop(reader->L) - object == 2 * BATCH) {
            if (!store_members(reader->L, object, stored))
                return false;
            stored += BATCH;
        }
        if (!read_member(reader))
            return false;
    } while (json_scan_take(&reader->scan, ','));
    return store_members(reader->L, object, stored) && json_scan_take(&reader->scan, '}');
}

static bool read_object(struct reader *reader)
{
    lua_State *L = reader->L;
    lua_settop(L, lua_gettop(L) + 2);
    int object = lua_gettop(L);
    if (json_scan_take(&reader->scan, '}'))
        make_object(L, object, 0);
    else if (!read_members(reader, object))
        return false;
    lua_rotate(L, object - 1, 1);
    lua_setmetatable(L, object - 1);
    return true;
}

/* ---- values ---- */

static bool nested(struct reader *reader, bool (*read)(struct reader *reader))
{
    if (reader->depth == JSON_SCAN_DEPTH)
        return false;
    reader->scan.at++;
    reader->depth++;
    bool done = read(reader);
    reader->depth--;
    return done;
}

static bool read_text(struct reader *reader)
{
    reader->scan.at++;
    return read_string(reader);
}

static bool read_boolean(struct reader *reader, const char *word, bool value)
{
    lua_pushboolean(reader->L, value);
    return json_scan_word(&reader->scan, word);
}

static bool read_null(struct reader *reader)
{
    lua_pushlightuserdata(reader->L, NULL);
    return json_scan_word(&reader->scan, "null");
}

static bool read_integer(struct reader *reader)
{
    int64_t number;
    if (!json_scan_integer(&reader->scan, &number))
        return false;
    lua_pushinteger(reader->L, number);
    return true;
}

/* Room is made for one value at a time, since a coroutine keeps the stack that it once had. */
static bool read_value(struct reader *reader)
{
    luaL_checkstack(reader->L, 8, "value is nested too deeply");
    json_scan_blanks(&reader->scan);
    if (reader->scan.at == reader->scan.end)
        return false;
    switch (*reader->scan.at) {
    case '{': return nested(reader, read_object);
    case '[': return nested(reader, read_list);
    case '"': return read_text(reader);
    case 't': return read_boolean(reader, "true", true);
    case 'f': return read_boolean(reader, "false", false);
    case 'n': return read_null(reader);
    default: return read_integer(reader);
    }
}

bool convert_json(lua_State *L, const char *text, size_t length)
{
    int top = lua_gettop(L);
    struct reader reader = {.L = L, .scan = {.at = text, .end = text + length}};
    bool read = read_value(&reader);
    json_scan_blanks(&reader.scan);
    if (read && reader.scan.at == reader.scan.end)
        return true;
    lua_settop(L, top);
    return false;
}

void convert_open(lua_State *L)
{
    lua_createtable(L, 0, 0);
    state_store(L, STATE_LIST);
}
