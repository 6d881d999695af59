/* core.join(worker, shared, count): runs `count` coroutines of worker(shared) and waits for all of
 * them. The first error cancels the others and is raised. resource:map (prelude) is built on it. */
#ifndef BINDINGS_LIBS_LIB_MAP_H
#define BINDINGS_LIBS_LIB_MAP_H

#include <lua.h>

void lib_map_open(lua_State *L); /* adds join to the table on top */

#endif
