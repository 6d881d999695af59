/* Replaces string.find, match, gmatch and gsub of Lua 5.4's library by functions with a step
 * budget, and string.rep by one with a maximum; removes string.dump.
 *
 * Serves the sandbox; calls lua_pattern.h. All differences from the library are intended:
 * - a call that uses up the budget raises "pattern took too many steps (in 'PATTERN')", and so does
 *   every later call until the host gives another budget, so catching the error gains nothing;
 * - patterns over PATTERN_MAX_LENGTH bytes are refused (plain searches are not), and there is no
 *   "pattern too complex", since matching uses no stack;
 * - string.rep raises if its result would be longer than LIB_STRING_REP_MAX.
 * As in the library, a function called by gsub cannot yield, and its errors are passed on. A gmatch
 * iterator charges the budget that is current when it is called, not the one from its creation. */
#ifndef BINDINGS_LIBS_LIB_STRING_H
#define BINDINGS_LIBS_LIB_STRING_H

#include <lua.h>
#include <stdbool.h>

#include "pattern/pattern.h"

enum { LIB_STRING_REP_MAX = 1 << 20 };

/* Called once in each call. NULL: no limit for this call. */
typedef struct pattern_budget *(*lib_string_budget_fn)(lua_State *L);

/* Changes the table on top of the stack and leaves it there. Methods of strings ("x"):find(…) are
 * looked up through __index of the strings' metatable: if that is another table, install there
 * too. */
void lib_string_install(lua_State *L, lib_string_budget_fn budget_of);

/* Whether the value is an iterator of gmatch: a function that keeps a position. */
bool lib_string_is_iterator(lua_State *L, int index);

#endif
