/* The userdata of `resource` and `scope`. A handle is valid only for the job that it was created
 * for: a handle kept for later is refused. Serves lib_resource, found and the drivers. */
#ifndef BINDINGS_VM_HANDLE_H
#define BINDINGS_VM_HANDLE_H

#include <lua.h>

struct evaluation;

/* The running job, if the first argument is its handle; otherwise raises. */
struct evaluation *handle_job(lua_State *L);
void handle_push(lua_State *L, const struct evaluation *job);

#endif
