/* The codes listed in aws.<service>:try(operation, parameters, code, …): errors that are results. A
 * refusal is not one of them, unless the policy declares that it is tolerated. Serves lib_aws,
 * aws_call. */
#ifndef BINDINGS_LIBS_TRY_CODES_H
#define BINDINGS_LIBS_TRY_CODES_H

#include <lua.h>
#include <stdbool.h>

#include "base/err.h"

/* For both functions the stack holds the arguments of `try`, and an upvalue is a table. */

/* Raises an error for a code that may not be listed. */
void try_check(lua_State *L, const char *service, const char *operation);
/* If the error is listed, pushes the two results of `try`. */
bool try_lists(lua_State *L, const char *service, const struct err *err);

#endif
