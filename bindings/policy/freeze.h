/* The tables that a file leaves when it has run stay as they are: no resource's data may reach the
 * verdict on another by way of one. Serves policy_file.
 *
 * Walks from the policy and the modules of lib through all functions, their upvalues and tables,
 * and puts read-only views in the place of the tables. A file with a function that assigns to a
 * variable that stays is refused. */
#ifndef BINDINGS_POLICY_FREEZE_H
#define BINDINGS_POLICY_FREEZE_H

#include <lua.h>

/* A lua_CFunction of no arguments; raises what cannot be frozen. */
int freeze_file(lua_State *L);

#endif
