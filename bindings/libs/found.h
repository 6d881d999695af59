/* scope:found(id or list, options): a discovery reports what it found. Options: test (a resource
 * made to try the engine on), region (if the resource is in another region than the one that was
 * listed) and, for a single id, listed (what the response says about the resource). Serves
 * lib_resource and lib_pages. */
#ifndef BINDINGS_LIBS_FOUND_H
#define BINDINGS_LIBS_FOUND_H

#include <lua.h>

#include "bindings/vm/job.h"

/* The method. Waits if the receiver of the ids has enough of them. */
int found_id(lua_State *L);
/* The last call in a C function: calls `then`, at once or, if this is a discovery and the receiver
 * has enough at this point, when it has room. */
int found_wait_for_room(lua_State *L, enum listing_point point, lua_KFunction then);

#endif
