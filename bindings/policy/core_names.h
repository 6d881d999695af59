/* The prelude's queries about names of operations. Serves core. */
#ifndef BINDINGS_POLICY_CORE_NAMES_H
#define BINDINGS_POLICY_CORE_NAMES_H

#include <lua.h>

/* Adds the functions to the table on top. */
void core_names_open(lua_State *L);

#endif
