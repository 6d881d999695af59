#include <lauxlib.h>

#include "bindings/libs/lib_json.h"
#include "bindings/vm/box.h"
#include "bindings/vm/budget.h"
#include "bindings/vm/convert_push.h"
#include "bindings/vm/convert_take.h"
#include "bindings/vm/errors.h"
#include "value/json.h"

/* For policies: their documents have at most 20 KB, and a text of brackets takes fifty times its
 * size when parsed. */
#define MAX_TEXT (1u << 20)
/* For scripts, which choose themselves what they read, such as Terraform's states. */
#define MAX_SCRIPT_TEXT (256u << 20)
/* Bytes of a text that are parsed in the time of one instruction. */
#define STEP_BYTES 8
#define MAX_OUTPUT (16u << 20)

static int decode_unusual(lua_State *L, const char *text, size_t length)
{
    struct err err;
    err_clear(&err);
    json_t **value = box_push(L);
    *value = json_parse(text, length, &err);
    if (*value == NULL) {
        luaL_pushfail(L);
        lua_pushstring(L, err.message);
        return 2;
    }
    convert_push(L, *value, CONVERT_ORDER);
    box_empty(L, -2);
    return 1;
}

static int lib_json_decode(lua_State *L)
{
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    unsigned max = budget_limits(L) ? MAX_TEXT : MAX_SCRIPT_TEXT;
    budget_charge(L, length / STEP_BYTES);
    if (length > max) {
        luaL_pushfail(L);
        lua_pushfstring(L, "the text is longer than %d bytes", (int)max);
        return 2;
    }
    return convert_json(L, text, length) ? 1 : decode_unusual(L, text, length);
}

static int lib_json_encode(lua_State *L)
{
    struct err err;
    struct buf text;
    luaL_checkany(L, 1);
    json_t **string = box_push(L);
    json_t *value = convert_take(L, 1, CONVERT_STRICT, "json.encode: the value", &err);
    if (value == NULL)
        return errors_raise(L, &err);
    buf_init(&text, MAX_OUTPUT);
    bool fits = json_write(value, &text) == 0;
    json_decref(value);
    *string = fits ? json_stringn_nocheck(buf_text(&text), text.len) : NULL;
    buf_clear(&text);
    if (!fits)
        return luaL_error(L, "json.encode: the text would be longer than %d bytes", MAX_OUTPUT);
    lua_pushlstring(L, json_string_value(*string), json_string_length(*string));
    box_empty(L, -2);
    return 1;
}

static int lib_json_list(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    if (lua_getmetatable(L, 1))
        return luaL_error(L, "json.list: give it a table of your own");
    convert_mark_list(L, 1);
    return 1;
}

static const luaL_Reg functions[] = {
    {"decode", lib_json_decode},
    {"encode", lib_json_encode},
    {"list", lib_json_list},
    {NULL, NULL},
};

void lib_json_push(lua_State *L)
{
    luaL_newlib(L, functions);
    lua_pushlightuserdata(L, NULL);
    lua_setfield(L, -2, "null");
}
