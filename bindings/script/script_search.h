/* What `require` says about a module of the policies that does not exist. Serves script. */
#ifndef BINDINGS_SCRIPT_SCRIPT_SEARCH_H
#define BINDINGS_SCRIPT_SCRIPT_SEARCH_H

#include <lua.h>

/* Adds a searcher that refuses lib.NAME if no other one finds it, with the modules of these folders
 * (separated by ':'; NULL: none), instead of all the places where Lua looks for modules. */
void script_search_open(lua_State *L, const char *folders);

#endif
