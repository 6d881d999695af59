/* What a listing says about a resource: scope:found(id, { listed = … }) hands it on, and the audit
 * gets it as resource.listed, without a call. A structure of a response keeps its shape: reading a
 * member that it does not have still raises an error. Serves found and lib_resource; calls
 * shaped. */
#ifndef BINDINGS_LIBS_LISTED_H
#define BINDINGS_LIBS_LISTED_H

#include <jansson.h>
#include <lua.h>

struct evaluation;

/* Converts the table at index to the JSON that audit_options.listed takes, which is good for this
 * process only. Raises an error for a value that is not data. */
json_t *listed_take(lua_State *L, int index);
/* Pushes the view of what the listing said, or nil; returns 1. */
int listed_push(lua_State *L, const struct evaluation *job);

#endif
