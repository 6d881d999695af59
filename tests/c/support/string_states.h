/*
 * Two Lua states side by side: one with the string functions of bindings/libs/lib_string.c under a
 * budget, one with the stock library.
 *
 * Serves the tests of patterns; the set-up owns both states, the tear-down closes them.
 */
#ifndef TESTS_STRING_STATES_H
#define TESTS_STRING_STATES_H

#include <lua.h>

#include "pattern/pattern.h"

enum { MEGA = 1000000, AMPLE = 100 * MEGA };

extern struct pattern_budget string_budget;
extern lua_State *string_ours;
extern lua_State *string_stock;

int string_states_set_up(void **state);
int string_states_tear_down(void **state);

/* What a chunk returns or raises, as one string that is valid until the next call for the state. */
const char *string_answer(lua_State *L, const char *code);

#endif
