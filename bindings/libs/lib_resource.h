/* `resource` and `scope`: the only doors out of a policy. A door is good for the job that it was
 * made for and for nobody else: one that was kept is refused. Serves audit, discover; calls
 * aws_door for `.aws`. */
#ifndef BINDINGS_LIBS_LIB_RESOURCE_H
#define BINDINGS_LIBS_LIB_RESOURCE_H

#include <lua.h>

struct evaluation;

/* Metatable; the table of methods written in Lua is at the top and is popped. */
void door_open(lua_State *L);
void door_push(lua_State *L, const struct evaluation *job);

#endif
