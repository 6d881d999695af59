/* One call of AWS by Lua: who calls, what it costs, its parameters, and its answer. Serves lib_aws,
 * lib_pages, caller; calls the client. */
#ifndef BINDINGS_LIBS_AWS_CALL_H
#define BINDINGS_LIBS_AWS_CALL_H

#include <jansson.h>
#include <lua.h>
#include <stdbool.h>

#include "bindings/vm/state.h"

/* What an `aws` object knows, and a service object. */
struct aws_place {
    char region[64];
    char account[16];
};

struct aws_service {
    struct aws_place place;
    char name[64];
};

/* Is the value at index a userdata with the metatable under that key? */
bool aws_call_is(lua_State *L, int index, enum state_key key);
/* The service object at index; raises. */
const struct aws_service *aws_call_service(lua_State *L, int index);

/* Whom the running job calls as. Raises where it may not call. */
struct call;
void aws_call_prepare(lua_State *L, const struct aws_service *service, const char *operation,
                      struct call *call);
/* One request of the job's budget; raises when it is used up. */
struct evaluation;
void aws_call_charge(lua_State *L, struct evaluation *job);
/* Parameters at index (none, nil or a table), converted; raises. */
json_t *aws_call_params(lua_State *L, int index, const char *operation);

enum aws_call_kind {
    AWS_CALL_PLAIN, /* an error is raised */
    AWS_CALL_TRY    /* with the arguments of try as the stack: listed errors are answers */
};
/* The last act of a C function: makes the call and waits; its results are the function's. */
int aws_call_start(lua_State *L, const struct aws_service *service, const char *operation,
                   int params_index, enum aws_call_kind kind);

#endif
