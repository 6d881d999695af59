/*
 * A pattern and a subject taken from Lua arguments, searched under the host's budget.
 *
 * Serves lua_string.c and lua_gsub.c; calls pattern.h. A function that uses this has the host (see
 * lib_string_host) as its first upvalue. Built patterns lie in the struct or in a userdata left on
 * the stack; the strings must stay reachable while the struct is used.
 */
#ifndef BINDINGS_LIBS_LUA_PATTERN_H
#define BINDINGS_LIBS_LUA_PATTERN_H

#include <lua.h>

#include "bindings/libs/lib_string.h"
#include "pattern/pattern.h"

struct lib_string_host {
    lib_string_budget_fn budget_of;
};

enum { LUA_PATTERN_ROOM = 2048 };

struct lua_pattern {
    struct pattern *built;
    const char *text;
    size_t text_len;
    const char *subject;
    size_t len;
    struct pattern_budget *budget;
    struct pattern_match match;
};

/* Room for the usual pattern, on the C stack. */
union lua_pattern_room {
    struct lua_pattern align;
    char bytes[LUA_PATTERN_ROOM];
};

struct pattern_budget *lua_pattern_budget(lua_State *L);

/* Subject from argument 1, pattern text from argument 2. */
void lua_pattern_check(lua_State *L, struct lua_pattern *p);

/* Charges and builds; may push one value, which must stay on the stack. */
void lua_pattern_build(lua_State *L, struct lua_pattern *p, union lua_pattern_room *room,
                       bool anchor);

/* The offset that an init argument means, at most len + 1 (beyond the end). */
size_t lua_pattern_init(lua_State *L, int arg, size_t len);

void lua_pattern_charge(lua_State *L, const struct lua_pattern *p, uint64_t steps);

/* Whether there is a match, now in p->match; raises what is wrong with the pattern or budget. */
bool lua_pattern_search(lua_State *L, struct lua_pattern *p, size_t from, size_t not_ending_at);

/* Pushes capture index (from 0), the whole match for index 0 of a pattern without any. */
void lua_pattern_push_capture(lua_State *L, const struct lua_pattern *p, unsigned index);

/* Pushes all captures, the whole match when there are none and whole is set; returns how many. */
int lua_pattern_push_captures(lua_State *L, const struct lua_pattern *p, bool whole);

#endif
