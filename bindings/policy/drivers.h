/* Runs the host's own Lua files in a state: the drivers of policies (prelude*.lua), which are
 * stored in the registry, and the schema (schema*.lua), which validates a file. They run outside of
 * the policies' environment. Serves sandbox and loader; calls core, which these files use. */
#ifndef BINDINGS_POLICY_DRIVERS_H
#define BINDINGS_POLICY_DRIVERS_H

#include <lua.h>

void drivers_open(lua_State *L);
/* Pushes the driver that runs and validates a file. */
void drivers_push_schema(lua_State *L);

#endif
