/* The one list of all that bindings/libs opens in a Lua state. Serves the sandbox and script. */
#ifndef BINDINGS_LIBS_OPENERS_H
#define BINDINGS_LIBS_OPENERS_H

#include <lua.h>

enum openers_for { OPENERS_POLICY = 1, OPENERS_SCRIPT = 2 };

/* Stores the metatables of errors, lists, boxes, answers, aws and pages in the registry. */
void openers_types(lua_State *L);

/* Pushes each library that policies or scripts have as a global; `set` pops it and stores it under
 * that name. */
void openers_libraries(lua_State *L, enum openers_for whom,
                       void (*set)(lua_State *L, const char *name));

#endif
