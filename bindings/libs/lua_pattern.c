#include "bindings/libs/lua_pattern.h"
#include "pattern/pattern_build.h"

#include <lauxlib.h>

enum { SHOWN_PATTERN = 40 };

struct pattern_budget *lua_pattern_budget(lua_State *L)
{
    const struct lib_string_host *host = lua_touserdata(L, lua_upvalueindex(1));
    return host->budget_of ? host->budget_of(L) : NULL;
}

void lua_pattern_check(lua_State *L, struct lua_pattern *p)
{
    p->subject = luaL_checklstring(L, 1, &p->len);
    p->text = luaL_checklstring(L, 2, &p->text_len);
    p->budget = lua_pattern_budget(L);
}

/* Names the pattern, because a file has many: its beginning, up to the first unprintable
 * character. */
static void raise_exhausted(lua_State *L, const struct lua_pattern *p)
{
    char shown[SHOWN_PATTERN + 1];
    size_t n = p->text_len < SHOWN_PATTERN ? p->text_len : SHOWN_PATTERN;
    for (size_t i = 0; i < n; i++)
        shown[i] = p->text[i] < ' ' || p->text[i] > '~' ? '?' : p->text[i];
    shown[n] = '\0';
    luaL_error(L, "pattern took too many steps (in '%s%s')", shown, n < p->text_len ? "..." : "");
}

void lua_pattern_charge(lua_State *L, const struct lua_pattern *p, uint64_t steps)
{
    if (!pattern_charge(p->budget, steps))
        raise_exhausted(L, p);
}

void lua_pattern_build(lua_State *L, struct lua_pattern *p, union lua_pattern_room *room,
                       bool anchor)
{
    if (p->text_len > PATTERN_MAX_LENGTH)
        luaL_error(L, "pattern too long (%I bytes, at most %d)", (lua_Integer)p->text_len,
                   (int)PATTERN_MAX_LENGTH);
    lua_pattern_charge(L, p, p->text_len);
    size_t size = pattern_room(p->text, p->text_len);
    void *memory = room && size <= sizeof *room ? room : lua_newuserdatauv(L, size, 0);
    p->built = pattern_build(memory, p->text, p->text_len, anchor);
}

size_t lua_pattern_init(lua_State *L, int arg, size_t len)
{
    lua_Integer init = luaL_optinteger(L, arg, 1);
    if (init > 0)
        return (lua_Unsigned)init - 1 > len ? len + 1 : (size_t)init - 1;
    if (init == 0 || init < -(lua_Integer)len)
        return 0;
    return len - (size_t)-init;
}

static void raise_flaw(lua_State *L, const struct lua_pattern *p)
{
    int index;
    const char *text = pattern_flaw(p->built, &index);
    luaL_error(L, text, index);
}

bool lua_pattern_search(lua_State *L, struct lua_pattern *p, size_t from, size_t not_ending_at)
{
    switch (
        pattern_search(p->built, p->subject, p->len, from, not_ending_at, p->budget, &p->match)) {
    case PATTERN_MATCHED: return true;
    case PATTERN_MALFORMED: raise_flaw(L, p); break;
    case PATTERN_EXHAUSTED: raise_exhausted(L, p); break;
    case PATTERN_NO_MATCH: break;
    }
    return false;
}

void lua_pattern_push_capture(lua_State *L, const struct lua_pattern *p, unsigned index)
{
    const struct pattern_match *match = &p->match;
    if (index >= match->captures) {
        if (index != 0)
            luaL_error(L, "invalid capture index %%%d", (int)index + 1);
        lua_pushlstring(L, p->subject + match->from, match->to - match->from);
        return;
    }
    const struct pattern_capture *capture = &match->capture[index];
    if (capture->kind == PATTERN_UNFINISHED)
        luaL_error(L, "unfinished capture");
    else if (capture->kind == PATTERN_POSITION)
        lua_pushinteger(L, (lua_Integer)capture->from + 1);
    else
        lua_pushlstring(L, p->subject + capture->from, capture->to - capture->from);
}

int lua_pattern_push_captures(lua_State *L, const struct lua_pattern *p, bool whole)
{
    unsigned count = p->match.captures == 0 && whole ? 1 : p->match.captures;
    luaL_checkstack(L, (int)count, "too many captures");
    for (unsigned i = 0; i < count; i++)
        lua_pattern_push_capture(L, p, i);
    return (int)count;
}
