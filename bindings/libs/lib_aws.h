/* aws.<service>:<Operation>{…}, :try(…), :pages(…), aws:in_region(…). Serves lib_resource
 * (policies: the account and session are always those of the job that runs, never the table's) and
 * script.c; calls the client.
 *
 * An aws object knows a region (or ""), and for scripts an account (or ""); a service object its
 * aws object and name. Neither holds a job, so one that is kept opens nothing. */
#ifndef BINDINGS_LIBS_LIB_AWS_H
#define BINDINGS_LIBS_LIB_AWS_H

#include <jansson.h>
#include <lua.h>

#include "base/err.h"

struct aws_place {
    char region[64];
    char account[16];
};

struct aws_service {
    struct aws_place place;
    char name[64];
};

void lib_aws_open(lua_State *L);
void lib_aws_push(lua_State *L, const struct aws_place *place);

/* Whom the running job calls as. Raises where it may not call. */
struct call;
void aws_caller(lua_State *L, const struct aws_service *service, const char *operation,
                struct call *call);
/* One request of the job's budget; raises when it is used up. */
struct evaluation;
void aws_charge(lua_State *L, struct evaluation *job);
/* Parameters at index (none, nil or a table), converted; raises. */
json_t *aws_params(lua_State *L, int index, const char *operation);
/* The service object at index; raises. */
const struct aws_service *aws_check_service(lua_State *L, int index);

#endif
