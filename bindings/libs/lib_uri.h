/* uri.decode(text), uri.encode(text [, keep_slash]). Serves sandbox and script. */
#ifndef BINDINGS_LIBS_LIB_URI_H
#define BINDINGS_LIBS_LIB_URI_H

#include <lua.h>

void lib_uri_push(lua_State *L);

#endif
