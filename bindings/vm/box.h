/* JSON that a userdata owns, which is pushed before there is anything in it, so that nothing leaks
 * when memory ends. What is left in one whose finalizer Lua drops (as at the end of the C stack)
 * goes with the state. Serves every binding that makes JSON. */
#ifndef BINDINGS_VM_BOX_H
#define BINDINGS_VM_BOX_H

#include <jansson.h>
#include <lua.h>

/* Pushes a box; the value is to be put where the result points. convert_take takes what is in a box
 * as it is. */
json_t **box_push(lua_State *L);
json_t *box_value(lua_State *L, int index); /* borrowed, NULL when empty */
/* What convert_take made last, and the box at index has, counts as the state's memory as long as
 * the box has it. Raises when there is no room. */
void box_hold(lua_State *L, int index);
/* Frees what is in the box at index now, rather than when it is collected. */
void box_empty(lua_State *L, int index);

void box_open(lua_State *L); /* metatable into the registry */

#endif
