/* json_t to Lua. Lists stay lists, the empty one included (they carry a metatable that a policy
 * cannot reach); integers stay exact; strings hold raw bytes. Objects pushed with CONVERT_ORDER
 * remember the order of their keys. Serves every binding. */
#ifndef BINDINGS_VM_CONVERT_PUSH_H
#define BINDINGS_VM_CONVERT_PUSH_H

#include <jansson.h>
#include <lua.h>

enum convert_push_mode {
    CONVERT_REPLY, /* null members are absent */
    CONVERT_ORDER  /* null is json.null, order of keys is kept */
};

/* Steps of the budget that an entry of a list or an object costs. */
#define CONVERT_STEPS 10

/* Pushes the value; may raise (memory, budget). */
void convert_push(lua_State *L, const json_t *value, enum convert_push_mode mode);

/* lib.none: what stands in `after` for a part that is no longer there. No document holds it. */
void convert_push_none(lua_State *L);

/* Marks the table at index as a list. */
void convert_mark_list(lua_State *L, int index);

void convert_open(lua_State *L); /* metatable of lists into the registry */

/* How convert_take knows the tables again: the key in an object's metatable whose array part is the
 * order of its keys, and the variable whose address lib.none is. */
extern const char convert_order_key;
extern const char convert_none;

#endif
