#include "bindings/libs/lib_uri.h"

#include <lauxlib.h>

#include "value/uri.h"

#define MAX_TEXT (1u << 20)

/* Uses Lua's memory, so that nothing leaks if memory runs out: at most three bytes for each one. */
static int decode(lua_State *L)
{
    size_t length;
    struct buf text;
    const char *given = luaL_checklstring(L, 1, &length);
    luaL_argcheck(L, length <= MAX_TEXT, 1, "text too long");
    luaL_Buffer out;
    char *room = luaL_buffinitsize(L, &out, length);
    buf_init(&text, MAX_TEXT + 1);
    uri_decode(&text, given, length);
    for (size_t i = 0; i < text.len && i < length; i++)
        room[i] = text.data[i];
    size_t used = text.len < length ? text.len : length;
    buf_clear(&text);
    luaL_pushresultsize(&out, used);
    return 1;
}

static int encode(lua_State *L)
{
    size_t length;
    struct buf text;
    const char *given = luaL_checklstring(L, 1, &length);
    bool keep_slash = lua_toboolean(L, 2);
    luaL_argcheck(L, length <= MAX_TEXT, 1, "text too long");
    luaL_Buffer out;
    char *room = luaL_buffinitsize(L, &out, 3 * length);
    buf_init(&text, 3 * MAX_TEXT + 1);
    uri_encode(&text, given, length, keep_slash);
    for (size_t i = 0; i < text.len && i < 3 * length; i++)
        room[i] = text.data[i];
    size_t used = text.len;
    buf_clear(&text);
    luaL_pushresultsize(&out, used);
    return 1;
}

static const luaL_Reg functions[] = {
    {"decode", decode},
    {"encode", encode},
    {NULL, NULL},
};

void lib_uri_push(lua_State *L)
{
    luaL_newlib(L, functions);
}
