/* aws.<service>:<Operation>{…}, :try(…), :pages(…), aws:in_region(…). Serves lib_resource
 * (policies: the account and session are always those of the job that runs, never the table's) and
 * script.c; calls the client.
 *
 * An aws object knows a region (or ""), and for scripts an account (or ""); a service object its
 * aws object and name. Neither holds a job, so one that is kept opens nothing. */
#ifndef BINDINGS_LIBS_LIB_AWS_H
#define BINDINGS_LIBS_LIB_AWS_H

#include <lua.h>

void lib_aws_open(lua_State *L); /* metatables into the registry */
/* The `aws` of the running job, or of the script. */
void lib_aws_push_here(lua_State *L);

#endif
