/* The base functions that a policy may call: an allow-list of Lua's own, views that replace those
 * which could change or reveal a frozen table, pairs and next in the order of keys, and an xpcall
 * that cannot run forever. Serves sandbox. */
#ifndef BINDINGS_LIBS_LIB_BASE_H
#define BINDINGS_LIBS_LIB_BASE_H

#include <lua.h>

/* Adds them to the table on top. */
void lib_base_add(lua_State *L);

#endif
