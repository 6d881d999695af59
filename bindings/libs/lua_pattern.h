/* A pattern and a subject from Lua arguments, searched under the host's budget.
 *
 * Serves lib_string.c and lib_gsub.c; calls pattern.h. A function that uses this has the host (see
 * lib_string_host) as its first upvalue. A built pattern is in the struct, or in a userdata left on
 * the stack; the strings must stay reachable while the struct is used. */
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

/* Room for most patterns, on the C stack. */
union lua_pattern_room {
    struct lua_pattern align;
    char bytes[LUA_PATTERN_ROOM];
};

struct pattern_budget *lua_pattern_budget(lua_State *L);

/* Reads the subject from argument 1 and the pattern from argument 2. */
void lua_pattern_check(lua_State *L, struct lua_pattern *p);

/* Charges for the pattern and builds it; may push one value, which must stay on the stack. */
void lua_pattern_build(lua_State *L, struct lua_pattern *p, union lua_pattern_room *room,
                       bool anchor);

/* The offset for an init argument, at most len + 1 (beyond the end). */
size_t lua_pattern_init(lua_State *L, int arg, size_t len);

void lua_pattern_charge(lua_State *L, const struct lua_pattern *p, uint64_t steps);

/* Whether there is a match; it is in p->match. Raises if the pattern is malformed or the budget
 * spent. */
bool lua_pattern_search(lua_State *L, struct lua_pattern *p, size_t from, size_t not_ending_at);

/* Pushes capture `index` (from 0). For index 0 of a pattern without captures: the whole match. */
void lua_pattern_push_capture(lua_State *L, const struct lua_pattern *p, unsigned index);

/* Pushes all captures, or the whole match if there are none and `whole` is set. Returns how
 * many. */
int lua_pattern_push_captures(lua_State *L, const struct lua_pattern *p, bool whole);

#endif
