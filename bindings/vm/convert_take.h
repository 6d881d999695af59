/* Lua to json_t. Objects are written in the order of keys that they remember; keys added since, and
 * those of other tables, come sorted. Serves every binding. */
#ifndef BINDINGS_VM_CONVERT_TAKE_H
#define BINDINGS_VM_CONVERT_TAKE_H

#include <jansson.h>
#include <lua.h>

#include "base/err.h"

enum convert_take_mode {
    CONVERT_STRICT, /* what JSON cannot say is refused, with its path */
    CONVERT_PARAMS, /* as strict, but NaN and infinities are their names */
    CONVERT_LENIENT /* what JSON cannot say is left out: for digests */
};

/* New reference, or NULL with ERR_POLICY/ERR_LIMIT. Never raises, so nothing leaks. `root` names
 * the value in messages ("evidence"). */
json_t *convert_take(lua_State *L, int index, enum convert_take_mode mode, const char *root,
                     struct err *err);

#endif
