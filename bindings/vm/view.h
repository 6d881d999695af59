/* Read-only tables. A view is an empty table whose metatable leads to the real one: what a policy
 * reads through it are views again, a write raises, and pairs, ipairs, #, next, rawget, rawlen and
 * the table library see what the real one holds. convert_take takes a view for its real table.
 *
 * There are three: of values that are read now and then (a state: made where something is looked
 * at, kept in the place of what it shows), of tables that live as long as the Lua state (libraries,
 * settings, a file's own: fast to read), and of a state as a whole, whose parts the drivers find.
 *
 * Serves sandbox, lib_resource, core, convert. */
#ifndef BINDINGS_VM_VIEW_H
#define BINDINGS_VM_VIEW_H

#include <lua.h>
#include <stdbool.h>

/* Replaces the value on top, if it is a table or a function, by what a policy may have of it: a
 * view; a function whose results are. */
void view_wrap(lua_State *L);

/* Replaces the table on top by a read-only view of it; deep: the tables within as well. */
void view_freeze(lua_State *L);
void view_freeze_deep(lua_State *L);
/* As view_freeze, of a file's own table: a write says why it is refused. */
void view_freeze_kept(lua_State *L);

/* If the value at index is a view, pushes its real table; otherwise pushes nothing. */
bool view_real(lua_State *L, int index);

void view_open(lua_State *L); /* metatables into the registry */
/* Adds next, rawget and rawlen, which see through views, to the table on top. */
void view_base(lua_State *L);
/* Adds to the table on top, for the drivers: wrap(value) -> view_wrap's; state(state, values) ->
 * the view of a state that the drivers know by that; behind(look, each): what such views ask,
 * look(state, name) -> a part that is not among the values, each(state) -> what pairs returns. */
void view_core(lua_State *L);

#endif
