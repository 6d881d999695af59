/* Results with the shapes of the API model. Reading a member that a structure's shape does not have
 * raises an error with a did-you-mean, because a mistyped name would read as "none". Members that
 * the shape has and the response omits are nil; maps, lists and documents are not checked. In all
 * other respects a structure is a plain table: only its members are written, digested, iterated or
 * passed on. Serves answer; calls convert and the model. */
#ifndef BINDINGS_LIBS_SHAPED_H
#define BINDINGS_LIBS_SHAPED_H

#include <jansson.h>
#include <lua.h>
#include <stdbool.h>

#include "aws/model/model.h"
#include "bindings/vm/task.h"

/* Pushes the response as the output of its operation; may raise (memory). */
void shaped_push(lua_State *L, const json_t *reply, const struct shaped *shaped);

/* The shape of a structure in a response; false for any other value. A view counts as what it
 * shows.
 */
bool shaped_find(lua_State *L, int index, const struct model **model, model_shape *shape);
/* Pushes a value of this shape; may raise (memory). */
void shaped_push_as(lua_State *L, const json_t *value, const struct model *model,
                    model_shape shape);

void shaped_open(lua_State *L);

#endif
