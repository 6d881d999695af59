/* core.join(worker, shared, count): runs that many coroutines worker(shared) and waits for all; the
 * first error ends the others and is raised. What resource:map (prelude) is made of. */
#ifndef BINDINGS_LIBS_LIB_MAP_H
#define BINDINGS_LIBS_LIB_MAP_H

#include <lua.h>

void lib_map_open(lua_State *L); /* adds to the table on top */

#endif
