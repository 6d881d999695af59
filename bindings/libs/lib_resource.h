/* `resource` and `scope`: a policy's only access to the outside. Serves audit, discover; calls
 * lib_aws for `.aws`, and found. */
#ifndef BINDINGS_LIBS_LIB_RESOURCE_H
#define BINDINGS_LIBS_LIB_RESOURCE_H

#include <lua.h>

/* Creates the metatable. The table of methods written in Lua is on top and is popped. */
void lib_resource_open(lua_State *L);

#endif
