/* Freezes the tables that exist after a file has run: data of one resource must not reach the
 * verdict on another through them. Serves loader.
 *
 * Starts at the policy and the modules of lib, follows all functions, upvalues and tables, and
 * replaces the tables by read-only views. A file is refused if one of its functions assigns to a
 * variable that outlives the call. */
#ifndef BINDINGS_POLICY_FREEZE_H
#define BINDINGS_POLICY_FREEZE_H

#include <lua.h>

/* A lua_CFunction without arguments; raises an error for anything that cannot be frozen. */
int freeze_file(lua_State *L);

#endif
