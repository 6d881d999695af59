#include "bindings/libs/lib_string.h"

#include <string.h>

#include <lauxlib.h>

#include "bindings/libs/lib_gsub.h"
#include "bindings/libs/lua_pattern.h"
#include "pattern/pattern_build.h"

/* memmem is linear and reads many bytes at once: one step pays for this many. */
enum { PLAIN_BYTES_PER_STEP = 16 };

static int push_nothing(lua_State *L)
{
    luaL_pushfail(L);
    return 1;
}

static int push_span(lua_State *L, size_t from, size_t to)
{
    lua_pushinteger(L, (lua_Integer)from + 1);
    lua_pushinteger(L, (lua_Integer)to);
    return 2;
}

static int find_plain(lua_State *L, const struct lua_pattern *p, size_t init)
{
    const char *from = p->subject + init;
    lua_pattern_charge(L, p, 1 + (p->len - init + p->text_len) / PLAIN_BYTES_PER_STEP);
    const char *found = p->text_len ? memmem(from, p->len - init, p->text, p->text_len) : from;
    if (!found)
        return push_nothing(L);
    size_t at = (size_t)(found - p->subject);
    return push_span(L, at, at + p->text_len);
}

static int string_find(lua_State *L)
{
    struct lua_pattern p;
    union lua_pattern_room room;
    lua_pattern_check(L, &p);
    size_t init = lua_pattern_init(L, 3, p.len);
    if (init > p.len)
        return push_nothing(L);
    if (lua_toboolean(L, 4) || pattern_is_plain(p.text, p.text_len))
        return find_plain(L, &p, init);
    lua_pattern_build(L, &p, &room, true);
    if (!lua_pattern_search(L, &p, init, PATTERN_NOWHERE))
        return push_nothing(L);
    push_span(L, p.match.from, p.match.to);
    return 2 + lua_pattern_push_captures(L, &p, false);
}

static int string_match(lua_State *L)
{
    struct lua_pattern p;
    union lua_pattern_room room;
    lua_pattern_check(L, &p);
    size_t init = lua_pattern_init(L, 3, p.len);
    if (init > p.len)
        return push_nothing(L);
    lua_pattern_build(L, &p, &room, true);
    if (!lua_pattern_search(L, &p, init, PATTERN_NOWHERE))
        return push_nothing(L);
    return lua_pattern_push_captures(L, &p, true);
}

/* The state of a gmatch iterator; its strings and built pattern are upvalues beside it. */
struct iterator {
    struct lua_pattern pattern;
    size_t from;
    size_t last;
};

static int gmatch_next(lua_State *L)
{
    struct iterator *it = lua_touserdata(L, lua_upvalueindex(2));
    it->pattern.budget = lua_pattern_budget(L);
    bool found = lua_pattern_search(L, &it->pattern, it->from, it->last);
    it->pattern.budget = NULL;
    if (!found)
        return 0;
    it->from = it->last = it->pattern.match.to;
    return lua_pattern_push_captures(L, &it->pattern, true);
}

bool lib_string_is_iterator(lua_State *L, int index)
{
    return lua_tocfunction(L, index) == gmatch_next;
}

static int string_gmatch(lua_State *L)
{
    struct lua_pattern p;
    lua_pattern_check(L, &p);
    size_t init = lua_pattern_init(L, 3, p.len);
    lua_settop(L, 2);
    lua_pattern_build(L, &p, NULL, false);
    lua_pushvalue(L, lua_upvalueindex(1));
    struct iterator *it = lua_newuserdatauv(L, sizeof *it, 0);
    *it = (struct iterator){.pattern = p, .from = init, .last = PATTERN_NOWHERE};
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, 3);
    lua_pushcclosure(L, gmatch_next, 5);
    return 1;
}

/* The first text with its separator, then copies of all that is there, twice as much each time. */
static void push_repeated(lua_State *L, size_t times)
{
    size_t len, sep_len;
    const char *text = luaL_checklstring(L, 1, &len);
    const char *separator = luaL_optlstring(L, 3, "", &sep_len);
    size_t total = times * (len + sep_len) - sep_len, done = len;
    luaL_Buffer out;
    char *to = luaL_buffinitsize(L, &out, total);
    memcpy(to, text, len);
    if (times > 1) {
        memcpy(to + len, separator, sep_len);
        done += sep_len;
    }
    while (done < total) {
        size_t more = done < total - done ? done : total - done;
        memcpy(to + done, to, more);
        done += more;
    }
    luaL_pushresultsize(&out, total);
}

/* Whether times × len + (times - 1) × sep_len exceeds the maximum, without overflowing. */
static bool too_long(size_t len, size_t sep_len, lua_Unsigned times)
{
    const size_t max = LIB_STRING_REP_MAX;
    if (len > max || sep_len > max)
        return len > max || times > 1;
    if (len + sep_len == 0)
        return false;
    return times > max + 1 || times * (len + sep_len) - sep_len > max;
}

static int string_rep(lua_State *L)
{
    size_t len, sep_len;
    luaL_checklstring(L, 1, &len);
    lua_Integer times = luaL_checkinteger(L, 2);
    luaL_optlstring(L, 3, "", &sep_len);
    if (times > 0 && too_long(len, sep_len, (lua_Unsigned)times))
        return luaL_error(L, "resulting string too large (over %d bytes)", LIB_STRING_REP_MAX);
    if (times <= 0 || len + sep_len == 0)
        lua_pushliteral(L, "");
    else
        push_repeated(L, (size_t)times);
    return 1;
}

static const luaL_Reg functions[] = {
    {"find", string_find},   {"gmatch", string_gmatch}, {"gsub", lib_gsub},
    {"match", string_match}, {"rep", string_rep},       {NULL, NULL},
};

void lib_string_install(lua_State *L, lib_string_budget_fn budget_of)
{
    struct lib_string_host *host = lua_newuserdatauv(L, sizeof *host, 0);
    host->budget_of = budget_of;
    luaL_setfuncs(L, functions, 1);
    lua_pushnil(L);
    lua_setfield(L, -2, "dump");
}
