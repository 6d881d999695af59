/* Parts of Lua's own libraries in the environment of policies: an allow-list of names, and wrappers
 * that charge the budget for functions that may work long in C. Serves lib_base, lib_table and
 * sandbox; calls budget. */
#ifndef BINDINGS_VM_ALLOWED_H
#define BINDINGS_VM_ALLOWED_H

#include <lua.h>

/* Copies the names from the table on top to the one below it, and pops the table. The list ends
 * with NULL. */
void allowed_move(lua_State *L, const char *const *names);
/* Sets the field of the table below to the wrapper, whose upvalue 1 is the field of the table on
 * top. */
void allowed_wrap(lua_State *L, const char *name, lua_CFunction wrapper);
/* For wrappers: calls the library's own function with the given arguments. */
int allowed_original(lua_State *L);
/* A wrapper for functions that read their first argument, a text, to its end. */
int allowed_long_text(lua_State *L);

#endif
