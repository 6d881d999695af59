/* for page in aws.sqs:pages("ListQueues", {…}) do: a row of pages as a generic for's iterator,
 * closed when the loop ends, however it ends, and with its job at the latest. Serves lib_aws. */
#ifndef BINDINGS_LIBS_LIB_PAGES_H
#define BINDINGS_LIBS_LIB_PAGES_H

#include <lua.h>

struct aws_service;

void lib_pages_open(lua_State *L);
/* Arguments: service, operation, parameters. Returns what a generic for takes. */
int lib_pages_start(lua_State *L, const struct aws_service *service);

#endif
