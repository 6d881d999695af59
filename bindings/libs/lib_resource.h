/* `resource` and `scope`: a policy's only access to the outside. A handle is valid only for the job
 * that it was created for: a handle kept for later is refused. Serves audit, discover; calls
 * lib_aws for `.aws`. */
#ifndef BINDINGS_LIBS_LIB_RESOURCE_H
#define BINDINGS_LIBS_LIB_RESOURCE_H

#include <lua.h>

struct evaluation;

/* Creates the metatable. The table of methods written in Lua is on top and is popped. */
void lib_resource_open(lua_State *L);
void lib_resource_push(lua_State *L, const struct evaluation *job);

#endif
