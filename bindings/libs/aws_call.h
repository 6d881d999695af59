/* One AWS call from Lua: the caller, the cost, the parameters and the response. Serves lib_aws,
 * lib_pages, caller; calls the client. */
#ifndef BINDINGS_LIBS_AWS_CALL_H
#define BINDINGS_LIBS_AWS_CALL_H

#include <jansson.h>
#include <lua.h>
#include <stdbool.h>

#include "bindings/vm/state.h"

/* The data of an `aws` object, and of a service object. */
struct aws_location {
    char region[64];
    char account[16];
};

struct aws_service {
    struct aws_location location;
    char name[64];
};

/* Is the value at index a userdata with the metatable stored under that key? */
bool aws_call_is(lua_State *L, int index, enum state_key key);
/* The service object at index; raises an error for any other value. */
const struct aws_service *aws_call_service(lua_State *L, int index);

/* The session that the running job calls with. Raises if the job may not call AWS. */
struct call;
void aws_call_prepare(lua_State *L, const struct aws_service *service, const char *operation,
                      struct call *call);
/* Charges one request to the job's budget; raises if none is left. */
struct evaluation;
void aws_call_charge(lua_State *L, struct evaluation *job);
/* Converts the parameters at index (none, nil or a table); raises on errors. */
json_t *aws_call_params(lua_State *L, int index, const char *operation);

/* The last call in a C function: makes the call and waits. Its results are those of the function.
 * The arguments from index first_code on are codes of errors that are results (try_codes.h); 0:
 * every error is raised. */
int aws_call_start(lua_State *L, const struct aws_service *service, const char *operation,
                   int params_index, int first_code);
/* The same for a read of one of many resources, which may be gathered with others. `read` has the
 * list, the id and the limit; the rest is filled in. The parameters are on top of the stack. */
struct gathered_read;
int aws_call_gather(lua_State *L, const struct aws_service *service, const char *operation,
                    int first_code, struct gathered_read *read);

#endif
