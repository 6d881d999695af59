/* What the prelude (bindings/policy/prelude.lua) works with: the table `core`. The prelude is ours
 * and runs outside of the policies' environment; its drivers call the policy's functions, judge
 * what they return, and hand the outcome to the job as JSON. Serves drivers. */
#ifndef BINDINGS_POLICY_CORE_H
#define BINDINGS_POLICY_CORE_H

#include <lua.h>

/* The table; also for Lua files of ours that come later. */
void core_push(lua_State *L);

#endif
