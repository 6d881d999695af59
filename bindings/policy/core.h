/* The table `core`: the functions that the prelude (bindings/policy/prelude.lua) calls. The prelude
 * is our own code and runs outside of the policies' environment; its drivers call the policy's
 * functions, check their results, and pass the outcome to the job as JSON. Serves drivers. */
#ifndef BINDINGS_POLICY_CORE_H
#define BINDINGS_POLICY_CORE_H

#include <lua.h>

/* Pushes the table; also for our own Lua files that run later. */
void core_push(lua_State *L);

#endif
