/* A JSON value owned by a userdata. The userdata is pushed before the value exists, so nothing
 * leaks if memory runs out. If Lua does not run a finalizer (for example when the C stack is full),
 * the value is freed with the state. Serves every binding that creates JSON. */
#ifndef BINDINGS_VM_BOX_H
#define BINDINGS_VM_BOX_H

#include <jansson.h>
#include <lua.h>

/* Pushes an empty box. The caller stores a value where the result points. convert_take takes the
 * value in a box unchanged. */
json_t **box_push(lua_State *L);
json_t *box_value(lua_State *L, int index); /* borrowed; NULL if empty */
/* Counts the value in the box at index, which convert_take made last, as memory of the state for as
 * long as it is in the box. Raises if there is no room. */
void box_hold(lua_State *L, int index);
/* Frees the value in the box at index now, not when the box is collected. */
void box_empty(lua_State *L, int index);

void box_open(lua_State *L); /* stores the metatable in the registry */

#endif
