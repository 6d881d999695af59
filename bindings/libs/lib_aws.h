/* aws.<service>:<Operation>{…}, :try(…), :pages(…), aws:in_region(…). Serves lib_resource (for
 * policies, account and session always come from the running job, never from the table) and
 * script.c; calls the client.
 *
 * An aws object holds a region (or ""), and for scripts an account (or ""); a service object holds
 * its aws object and its name. Neither refers to a job, so an object that was kept gives no
 * access. */
#ifndef BINDINGS_LIBS_LIB_AWS_H
#define BINDINGS_LIBS_LIB_AWS_H

#include <lua.h>

void lib_aws_open(lua_State *L); /* stores the metatables in the registry */
/* Pushes the `aws` of the running job, or of the script. */
void lib_aws_push_here(lua_State *L);

#endif
