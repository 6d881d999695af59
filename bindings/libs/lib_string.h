/*
 * string.find, match, gmatch, gsub with a step budget, and string.rep with a maximum, in place of
 * those of Lua 5.4's library; string.dump goes.
 *
 * Serves the sandbox; calls lua_pattern.h. Differences from the library, all on purpose:
 * - a call that uses up the budget raises "pattern took too many steps (in 'PATTERN')", and so does
 *   every later call until the host gives another budget, so catching the error gains nothing;
 * - patterns over PATTERN_MAX_LENGTH bytes are refused (plain searches are not), and there is no
 *   "pattern too complex", since matching takes no stack;
 * - string.rep raises when its result would be longer than LIB_STRING_REP_MAX.
 * As in the library, a function called by gsub cannot yield; its errors pass through. A gmatch
 * iterator charges the budget of the moment it is called in, not of the one it was made in.
 */
#ifndef BINDINGS_LIBS_LIB_STRING_H
#define BINDINGS_LIBS_LIB_STRING_H

#include <lua.h>
#include <stdbool.h>

#include "pattern/pattern.h"

enum { LIB_STRING_REP_MAX = 1 << 20 };

/* Asked once in each call; NULL means that nothing limits this one. */
typedef struct pattern_budget *(*lib_string_budget_fn)(lua_State *L);

/*
 * Changes the table on top of the stack and leaves it there. Methods of strings ("x"):find(…) go
 * through __index of the strings' metatable: unless that is the same table, install there too.
 */
void lib_string_install(lua_State *L, lib_string_budget_fn budget_of);

/* Whether the value is what gmatch returns: a function that remembers where it is. */
bool lib_string_is_iterator(lua_State *L, int index);

#endif
