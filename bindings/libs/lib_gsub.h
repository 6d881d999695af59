/* string.gsub, with the host (see lib_string_host) as its first upvalue. Serves lib_string. */
#ifndef BINDINGS_LIBS_LIB_GSUB_H
#define BINDINGS_LIBS_LIB_GSUB_H

#include <lua.h>

int lib_gsub(lua_State *L);

#endif
