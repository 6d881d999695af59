/* Errors as policies see them: {code, message, status, request_id, operation, kind}, printable.
 * Also converts any value that a policy raised to a struct err. Serves every binding. */
#ifndef BINDINGS_VM_ERRORS_H
#define BINDINGS_VM_ERRORS_H

#include <jansson.h>
#include <lua.h>

#include "base/err.h"

struct state;

void errors_open(lua_State *L);

void errors_push(lua_State *L, const struct err *err);
int errors_raise(lua_State *L, const struct err *err); /* copies err first; does not return */
/* Converts the error value at index, of any type. */
void errors_read(lua_State *L, int index, struct err *err);
/* ERR_LIMIT: the policy needs too much memory, and in which line. */
void errors_no_memory(const struct state *state, struct err *err);
/* {"kind","code","message","operation","request_id"}: empty members are left out. */
json_t *errors_json(const struct err *err);

#endif
