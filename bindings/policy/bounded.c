#include "bindings/policy/bounded.h"

#include <lauxlib.h>

#include "bindings/vm/box.h"
#include "bindings/vm/convert_take.h"
#include "bindings/vm/errors.h"
#include "bindings/vm/state.h"
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

/* May the value that was taken last be longer than this as JSON? Nearly all values are so much
 * shorter that they need not be written to know. */
static bool may_exceed(lua_State *L, size_t most)
{
    return state_of(L)->taken > most / CONVERT_LENGTHENS;
}

static int push_left_out(lua_State *L, const char *why)
{
    lua_pushfstring(L, "omitted: %s; at most %d bytes are reported", why, (int)BOUNDED_EVIDENCE);
    return 1;
}

/* evidence(value): the value in a box, or a text that says why it was left out. */
static int core_evidence(lua_State *L)
{
    struct err err;
    json_t **box = box_push(L);
    *box = convert_take(L, 1, CONVERT_STRICT, "evidence", &err);
    if (*box == NULL)
        return err.kind == ERR_LIMIT ? push_left_out(L, err.message) : errors_raise(L, &err);
    if (may_exceed(L, BOUNDED_EVIDENCE) && length_of(*box, BOUNDED_EVIDENCE) > BOUNDED_EVIDENCE) {
        box_empty(L, -1);
        return push_left_out(L, "the evidence is too long");
    }
    box_hold(L, -1);
    return 1;
}

/* bounded(box, name): the box; raises if its value is too long. */
static int core_bounded(lua_State *L)
{
    const json_t *value = box_value(L, 1);
    if (length_of(value, BOUNDED_OTHER) > BOUNDED_OTHER)
        return luaL_error(L, "%s: longer than %d bytes", luaL_checkstring(L, 2),
                          (int)BOUNDED_OTHER);
    lua_settop(L, 1);
    return 1;
}

static const luaL_Reg functions[] = {
    {"summary", core_summary},
    {"evidence", core_evidence},
    {"bounded", core_bounded},
    {NULL, NULL},
};

void bounded_open(lua_State *L)
{
    luaL_setfuncs(L, functions, 0);
}
