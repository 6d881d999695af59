/* The host's own Lua files, which the build turns into C (script/cmake/bindings.cmake). The files
 * of a group fill a shared table: their arguments are `core` and that table. They run outside of
 * the policies' environment. Serves drivers, core, lint. */
#ifndef BINDINGS_POLICY_EMBEDDED_H
#define BINDINGS_POLICY_EMBEDDED_H

#include <lua.h>
#include <stddef.h>

struct embedded {
    const unsigned char *text;
    const size_t *length;
    const char *name;
};

/* One entry, from "<name>_lua.h". */
#define EMBEDDED(name)                                                                             \
    {                                                                                              \
        name##_lua, &name##_lua_len, "=" #name                                                     \
    }
#define EMBEDDED_COUNT(list) (sizeof(list) / sizeof *(list))

/* Runs the files in order. `core` is the stack index of core; the shared table is on top, and stays
 * there. */
void embedded_run(lua_State *L, const struct embedded *files, size_t count, int core);

#endif
