/* The codes that aws.<service>:try(operation, parameters, code, …) lists: errors that are answers.
 * A refusal is none, unless the policy declares that it may be passed over. Serves lib_aws,
 * aws_call. */
#ifndef BINDINGS_LIBS_TRY_CODES_H
#define BINDINGS_LIBS_TRY_CODES_H

#include <lua.h>
#include <stdbool.h>

#include "base/err.h"

/* Both with try's arguments as the stack, and a table as its upvalue. */

/* Raises what may not be listed. */
void try_check(lua_State *L, const char *service, const char *operation);
/* If the error is among them: pushes try's two results. */
bool try_lists(lua_State *L, const char *service, const struct err *err);

#endif
