/* table.concat, insert, move, pack, remove, sort and unpack: Lua's own, charged by the elements
 * that they touch. Serves openers. */
#ifndef BINDINGS_LIBS_LIB_TABLE_H
#define BINDINGS_LIBS_LIB_TABLE_H

#include <lua.h>

void lib_table_push(lua_State *L);

#endif
