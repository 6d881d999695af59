#include "bindings/libs/lib_gsub.h"

#include <lauxlib.h>
#include <string.h>

#include "bindings/libs/lua_pattern.h"

enum { ARG_REPLACEMENT = 3, ARG_LIMIT = 4 };

/* Adds the result of the character after '%' in a replacement string. */
static void add_escape(lua_State *L, luaL_Buffer *out, const struct lua_pattern *p, char what)
{
    const struct pattern_match *match = &p->match;
    if (what == '%') {
        luaL_addchar(out, '%');
    } else if (what == '0') {
        luaL_addlstring(out, p->subject + match->from, match->to - match->from);
    } else if (what >= '1' && what <= '9') {
        lua_pattern_push_capture(L, p, (unsigned)(what - '1'));
        luaL_tolstring(L, -1, NULL);
        lua_remove(L, -2);
        luaL_addvalue(out);
    } else {
        luaL_error(L, "invalid use of '%%' in replacement string");
    }
}

static void add_string(lua_State *L, luaL_Buffer *out, const struct lua_pattern *p)
{
    size_t len;
    const char *text = lua_tolstring(L, ARG_REPLACEMENT, &len);
    const char *end = text + len;
    lua_pattern_charge(L, p, len);
    for (const char *mark; (mark = memchr(text, '%', (size_t)(end - text))); text = mark + 2) {
        luaL_addlstring(out, text, (size_t)(mark - text));
        add_escape(L, out, p, mark + 1 < end ? mark[1] : '\0');
    }
    luaL_addlstring(out, text, (size_t)(end - text));
}

/* Adds the value on top, which a table or function returned, in place of the match. For nil and
 * false the match is kept. */
static void add_result(lua_State *L, luaL_Buffer *out, const struct lua_pattern *p)
{
    const struct pattern_match *match = &p->match;
    if (lua_toboolean(L, -1) && !lua_isstring(L, -1))
        luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
    if (lua_toboolean(L, -1)) {
        luaL_addvalue(out);
    } else {
        lua_pop(L, 1);
        luaL_addlstring(out, p->subject + match->from, match->to - match->from);
    }
}

static void add_replacement(lua_State *L, luaL_Buffer *out, const struct lua_pattern *p)
{
    switch (lua_type(L, ARG_REPLACEMENT)) {
    case LUA_TFUNCTION:
        lua_pushvalue(L, ARG_REPLACEMENT);
        lua_call(L, lua_pattern_push_captures(L, p, true), 1);
        add_result(L, out, p);
        break;
    case LUA_TTABLE:
        lua_pattern_push_capture(L, p, 0);
        lua_gettable(L, ARG_REPLACEMENT);
        add_result(L, out, p);
        break;
    default: add_string(L, out, p);
    }
}

static void check_replacement(lua_State *L)
{
    int type = lua_type(L, ARG_REPLACEMENT);
    luaL_argexpected(L,
                     type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION ||
                         type == LUA_TTABLE,
                     ARG_REPLACEMENT, "string/function/table");
}

int lib_gsub(lua_State *L)
{
    struct lua_pattern p;
    union lua_pattern_room room;
    luaL_Buffer out;
    lua_pattern_check(L, &p);
    check_replacement(L);
    lua_Integer max = luaL_optinteger(L, ARG_LIMIT, (lua_Integer)p.len + 1);
    lua_pattern_build(L, &p, &room, true);
    luaL_buffinit(L, &out);
    size_t from = 0;
    size_t last = PATTERN_NOWHERE;
    lua_Integer count = 0;
    while (count < max && lua_pattern_search(L, &p, from, last)) {
        luaL_addlstring(&out, p.subject + from, p.match.from - from);
        add_replacement(L, &out, &p);
        from = last = p.match.to;
        count++;
        if (pattern_anchored(p.built))
            break;
    }
    luaL_addlstring(&out, p.subject + from, p.len - from);
    luaL_pushresult(&out);
    lua_pushinteger(L, count);
    return 2;
}
