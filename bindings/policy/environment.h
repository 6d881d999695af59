/* Loads texts as functions in the policies' environment, which the sandbox created. Serves loader,
 * require; calls chunks. */
#ifndef BINDINGS_POLICY_ENVIRONMENT_H
#define BINDINGS_POLICY_ENVIRONMENT_H

#include <lua.h>
#include <stddef.h>

/* Loads the text (never bytecode) as a function in the policies' environment and pushes it;
 * raises. */
void environment_load(lua_State *L, const char *text, size_t length, const char *name);
/* The same for a text that other states load too: it is compiled once. */
void environment_load_shared(lua_State *L, const char *text, size_t length, const char *name);

#endif
