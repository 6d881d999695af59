/* The codes listed in aws.<service>:try(operation, parameters, code, …): errors that are results. A
 * refusal is not one of them, unless the policy declares that it is tolerated. Serves lib_aws,
 * aws_call. */
#ifndef BINDINGS_LIBS_TRY_CODES_H
#define BINDINGS_LIBS_TRY_CODES_H

#include <lua.h>
#include <stdbool.h>

#include "base/err.h"

/* The codes are the values on the stack from index `first` on. */

/* Raises an error for a code that may not be listed. The first upvalue is a table. */
void try_check(lua_State *L, int first, const char *service, const char *operation);
/* If the error is listed, pushes the two results of `try`. The operation is at index 2. */
bool try_lists(lua_State *L, int first, const char *service, const struct err *err);

#endif
