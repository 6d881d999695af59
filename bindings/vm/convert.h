/* json_t to Lua and back. Lists stay lists, the empty one included (they carry a metatable that a
 * policy cannot reach); integers stay exact; strings hold raw bytes. Objects read by convert_push
 * with CONVERT_ORDER remember the order of their keys, so that they are written in it again; keys
 * added since, and those of other tables, come sorted.
 *
 * Serves every binding. */
#ifndef BINDINGS_VM_CONVERT_H
#define BINDINGS_VM_CONVERT_H

#include <jansson.h>
#include <lua.h>
#include <stdbool.h>

#include "base/err.h"

enum convert_push_mode {
    CONVERT_REPLY, /* null members are absent */
    CONVERT_ORDER  /* null is json.null, order of keys is kept */
};

/* Steps of the budget that an entry of a list or an object costs. */
#define CONVERT_STEPS 10

/* Pushes the value; may raise (memory, budget). */
void convert_push(lua_State *L, const json_t *value, enum convert_push_mode mode);

enum convert_take_mode {
    CONVERT_STRICT, /* what JSON cannot say is refused, with its path */
    CONVERT_PARAMS, /* as strict, but NaN and infinities are their names */
    CONVERT_LENIENT /* what JSON cannot say is left out: for digests */
};

/* New reference, or NULL with ERR_POLICY/ERR_LIMIT. Never raises, so nothing leaks. `root` names
 * the value in messages ("evidence"). */
json_t *convert_take(lua_State *L, int index, enum convert_take_mode mode, const char *root,
                     struct err *err);

/* Pushes a userdata that owns a json_t, to be put there: made first, so that nothing leaks when
 * memory ends. convert_take takes what is in it as it is. */
json_t **convert_push_box(lua_State *L);
json_t *convert_box_value(lua_State *L, int index); /* borrowed, NULL when empty */
/* What convert_take made last, and the box at index has, counts as the state's memory as long as
 * the box has it. Raises when there is no room. */
void convert_hold_box(lua_State *L, int index);
/* Frees what is in the box at index now, rather than when it is collected. */
void convert_empty_box(lua_State *L, int index);

/* lib.none: what stands in `after` for a part that is no longer there. No document holds it. */
void convert_push_none(lua_State *L);

/* Marks the table at index as a list. */
void convert_mark_list(lua_State *L, int index);

struct state;
/* Frees what finalizers have left: Lua drops one that cannot run, as at the end of the C stack. */
void convert_free_boxes(struct state *state);

void convert_open(lua_State *L); /* metatables into the registry */

#endif
