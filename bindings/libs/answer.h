/* Gives Lua the response that the running task waited for. Serves the functions that continue calls
 * and pages; calls convert. */
#ifndef BINDINGS_LIBS_ANSWER_H
#define BINDINGS_LIBS_ANSWER_H

#include <lua.h>
#include <stdbool.h>

#include "base/err.h"
#include "bindings/libs/shaped.h"

struct client;
struct call;

/* The expected shape of the call's response, for task->shaped. */
struct shaped answer_shape(struct client *client, const struct call *call);
/* Moves the task's error to err. Returns false if there is none. */
bool answer_failed(lua_State *L, struct err *err);
/* Pushes the task's result in the expected shape, and takes ownership of it. May raise (memory). */
void answer_push(lua_State *L);

#endif
