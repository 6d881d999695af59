/* What the wait of the running task brought, as Lua sees it. Serves the continuations of calls and
 * pages; calls convert. */
#ifndef BINDINGS_LIBS_ANSWER_H
#define BINDINGS_LIBS_ANSWER_H

#include <lua.h>
#include <stdbool.h>

#include "base/err.h"
#include "bindings/libs/shaped.h"

struct client;
struct call;

/* What the call's answer will look like, for task->shaped. */
struct shaped answer_shape(struct client *client, const struct call *call);
/* Takes the task's error over; false when it has none. */
bool answer_failed(lua_State *L, struct err *err);
/* Pushes the task's result, in the shape that was expected, and takes it over. May raise (memory).
 */
void answer_push(lua_State *L);

#endif
