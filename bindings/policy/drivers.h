/* Runs the host's own Lua files in a new state: the loader (schema*.lua) and the drivers of
 * policies (prelude*.lua), which are stored in the registry. They run outside of the policies'
 * environment. Serves sandbox; calls core, which these files use. */
#ifndef BINDINGS_POLICY_DRIVERS_H
#define BINDINGS_POLICY_DRIVERS_H

#include <lua.h>

void drivers_open(lua_State *L);

#endif
