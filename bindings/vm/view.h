/* Read-only tables. A view is an empty table whose metatable leads to the real table. Values read
 * through a view are views again, and a write raises. pairs, ipairs, #, next, rawget, rawlen and
 * the table library see the contents of the real table. convert_take converts the real table of a
 * view.
 *
 * There are three kinds. Views of values are for data that is read now and then (a state): they are
 * created on access, and stored in the place of the value. Views of tables that live as long as the
 * Lua state (libraries, settings, a file's own tables) are fast to read. The view of a whole state
 * asks the drivers for its parts.
 *
 * Serves sandbox, lib_resource, core, convert. */
#ifndef BINDINGS_VM_VIEW_H
#define BINDINGS_VM_VIEW_H

#include <lua.h>
#include <stdbool.h>

/* If the value on top is a table or a function, replaces it by what a policy may have: a view of
 * the table, or a function whose results are views. */
void view_wrap(lua_State *L);

/* Replaces the table on top by a read-only view; deep: the tables in it as well. */
void view_freeze(lua_State *L);
void view_freeze_deep(lua_State *L);
/* Like view_freeze, for the tables of a policy file: the error of a write explains the reason. */
void view_freeze_kept(lua_State *L);

/* If the value at index is a view, pushes its real table; otherwise pushes nothing. */
bool view_real(lua_State *L, int index);
/* Is the value at index the view of a state, whose __pairs finds parts that were not read yet? */
bool view_is_state(lua_State *L, int index);

void view_open(lua_State *L); /* stores the metatables in the registry */
/* Adds rawget and rawlen, which read through views, to the table on top. */
void view_base(lua_State *L);
/* Adds these functions to the table on top, for the drivers: wrap(value): as view_wrap.
 * state(state, values): the view of a state, with the driver's own value `state`.
 * set_state_functions(find, each): sets the functions that such views call: find(state, name)
 * returns a part that is not among the values, each(state) returns the results of pairs. */
void view_core(lua_State *L);

#endif
