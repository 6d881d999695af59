/* Answers with the shapes that the API model gives them: reading a member that a structure's shape
 * does not have raises, with a did-you-mean, since a mistyped name would read as "there is none".
 * Members that the shape has and the reply leaves out are nil; maps, lists and documents are as
 * they come. In everything else a structure is a plain table: what is written, digested, iterated
 * or passed on is its members. Serves answer; calls convert and the model. */
#ifndef BINDINGS_LIBS_SHAPED_H
#define BINDINGS_LIBS_SHAPED_H

#include <jansson.h>
#include <lua.h>

#include "bindings/vm/task.h"

/* Pushes the reply as its operation's output; may raise (memory). */
void shaped_push(lua_State *L, const json_t *reply, const struct shaped *shaped);

void shaped_open(lua_State *L);

#endif
