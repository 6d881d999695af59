/* Converts Lua to json_t. Objects that remember the order of their keys are written in that order;
 * keys added later, and the keys of other tables, are sorted. Serves every binding. */
#ifndef BINDINGS_VM_CONVERT_TAKE_H
#define BINDINGS_VM_CONVERT_TAKE_H

#include <jansson.h>
#include <lua.h>

#include "base/err.h"

enum convert_take_mode {
    CONVERT_STRICT, /* refuse values that JSON cannot represent, naming the path */
    CONVERT_PARAMS, /* like strict, but NaN and infinities become their names */
    CONVERT_LENIENT /* leave out values that JSON cannot represent: for digests */
};

/* As JSON, a value without boxes is at most this many times as long as the state's `taken` then
 * says: a byte may become \u00XX. */
#define CONVERT_LENGTHENS 6

/* Returns a new reference, or NULL with ERR_POLICY/ERR_LIMIT. Never raises, so nothing leaks.
 * `root` names the value in messages ("evidence"). */
json_t *convert_take(lua_State *L, int index, enum convert_take_mode mode, const char *root,
                     struct err *err);

#endif
