/* Converts json_t, and JSON as text, to Lua. Lists stay lists, even empty ones (they have a
 * metatable that a policy cannot reach); integers stay exact; strings hold raw bytes. Objects
 * pushed with CONVERT_ORDER keep the order of their keys. Serves every binding. */
#ifndef BINDINGS_VM_CONVERT_PUSH_H
#define BINDINGS_VM_CONVERT_PUSH_H

#include <jansson.h>
#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

enum convert_push_mode {
    CONVERT_REPLY, /* members that are null are left out */
    CONVERT_ORDER  /* null becomes json.null, the order of keys is kept */
};

/* Steps of the budget charged for each entry of a list or an object. */
#define CONVERT_STEPS 10

/* Pushes the value; may raise (memory, budget). */
void convert_push(lua_State *L, const json_t *value, enum convert_push_mode mode);

/* The same with CONVERT_ORDER, straight from one whole text, if it is of the kind that json_plain
 * reads, too. Otherwise, valid or not, it pushes nothing and returns false: then json_parse must
 * read it. The text must stay where it is. */
bool convert_json(lua_State *L, const char *text, size_t length);

/* Pushes lib.none, which stands in `after` for a part that no longer exists. JSON has no such
 * value. */
void convert_push_none(lua_State *L);

/* Marks the table at index as a list. */
void convert_mark_list(lua_State *L, int index);

void convert_open(lua_State *L); /* stores the metatable of lists in the registry */

/* By these, convert_take recognizes the tables: the key in the metatable of an object, whose array
 * part is the order of its keys, and the variable whose address is lib.none. */
extern const char convert_order_key;
extern const char convert_none;

#endif
