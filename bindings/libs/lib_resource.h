/* `resource` and `scope`: the only ways out of a policy. A handle is good for the job that it was
 * made for and for nobody else: one that was kept is refused. Serves audit, discover; calls
 * lib_aws for `.aws`. */
#ifndef BINDINGS_LIBS_LIB_RESOURCE_H
#define BINDINGS_LIBS_LIB_RESOURCE_H

#include <lua.h>

struct evaluation;

/* Metatable; the table of methods written in Lua is at the top and is popped. */
void lib_resource_open(lua_State *L);
void lib_resource_push(lua_State *L, const struct evaluation *job);

#endif
