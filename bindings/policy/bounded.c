#include "bindings/policy/bounded.h"

#include <lauxlib.h>

#include "bindings/vm/box.h"
#include "value/json.h"

/* summary(text): the text, cut if it is too long, without splitting a character. */
static int core_summary(lua_State *L)
{
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    lua_settop(L, 1);
    if (length <= BOUNDED_SUMMARY)
        return 1;
    length = BOUNDED_SUMMARY;
    while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
        length--;
    lua_pushlstring(L, text, length);
    lua_pushliteral(L, " … (cut)");
    lua_concat(L, 2);
    return 1;
}

/* Length as JSON, up to `most`; a larger value gives most + 1. */
static size_t length_of(const json_t *value, size_t most)
{
    struct buf text;
    buf_init(&text, most);
    size_t length = json_write(value, &text) == 0 ? text.len : most + 1;
    buf_clear(&text);
    return length;
}

bool bounded_exceeds(const json_t *value, size_t most)
{
    return length_of(value, most) > most;
}

/* bounded(box, name): the box; raises if its value is too long. */
static int core_bounded(lua_State *L)
{
    const json_t *value = box_value(L, 1);
    if (bounded_exceeds(value, BOUNDED_OTHER))
        return luaL_error(L, "%s: longer than %d bytes", luaL_checkstring(L, 2),
                          (int)BOUNDED_OTHER);
    lua_settop(L, 1);
    return 1;
}

static const luaL_Reg functions[] = {
    {"summary", core_summary},
    {"bounded", core_bounded},
    {NULL, NULL},
};

void bounded_open(lua_State *L)
{
    luaL_setfuncs(L, functions, 0);
}
