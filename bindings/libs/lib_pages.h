/* for page in aws.sqs:pages("ListQueues", {…}) do: the pages of an operation as the iterator of a
 * generic for. They are closed when the loop ends for any reason, and with the job at the latest.
 * Serves lib_aws. */
#ifndef BINDINGS_LIBS_LIB_PAGES_H
#define BINDINGS_LIBS_LIB_PAGES_H

#include <lua.h>

struct aws_service;

void lib_pages_open(lua_State *L);
/* Arguments: service, operation, parameters. Returns the values that a generic for needs. */
int lib_pages_start(lua_State *L, const struct aws_service *service);

#endif
