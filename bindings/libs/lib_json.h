/* json.decode(text), json.encode(value), json.null, json.list(table) (marks a table as a list, so
 * that it stays a list when empty). Uses jansson: numbers, order of keys and empty lists are
 * preserved. Serves sandbox and script. */
#ifndef BINDINGS_LIBS_LIB_JSON_H
#define BINDINGS_LIBS_LIB_JSON_H

#include <lua.h>

void lib_json_push(lua_State *L);

#endif
