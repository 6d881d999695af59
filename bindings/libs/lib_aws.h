/* aws.<service>:<Operation>{…}, :try(…), :pages(…), aws:in_region(…). Serves lib_resource
 * (policies: the account and session are always those of the job that runs, never the table's) and
 * script.c; calls the client.
 *
 * An aws object knows a region (or ""), and for scripts an account (or ""); a service object its
 * aws object and name. Neither holds a job, so one that is kept opens nothing. */
#ifndef BINDINGS_LIBS_LIB_AWS_H
#define BINDINGS_LIBS_LIB_AWS_H

#include <lua.h>

void lib_aws_open(lua_State *L);
struct aws_place;
void lib_aws_push(lua_State *L, const struct aws_place *place);

#endif
