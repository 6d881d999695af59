/* Loads texts as functions in the policies' environment, which the sandbox created. Serves loader,
 * require; calls chunks. */
#ifndef BINDINGS_POLICY_ENVIRONMENT_H
#define BINDINGS_POLICY_ENVIRONMENT_H

#include <lua.h>
#include <stddef.h>

/* Loads the text (never bytecode) as a function in the policies' environment and pushes it;
 * raises. The text is that of a file that chunks_read has read. */
void environment_load(lua_State *L, const char *text, size_t length, const char *name);

#endif
