/* Lua texts that many states load, compiled once: the host's own files, and the modules that
 * policies require. Serves core and require. The stored bytecode comes from our own compiler and
 * never leaves the process; the text of a policy is always loaded as text. */
#ifndef BINDINGS_VM_CHUNKS_H
#define BINDINGS_VM_CHUNKS_H

#include <lua.h>
#include <stddef.h>

struct chunks;
struct chunks *chunks_new(void);
void chunks_free(struct chunks *chunks);

/* Pushes the function of the text, or raises its error. name: the chunk name as in Lua
 * ("@file"). */
void chunks_load(struct chunks *chunks, lua_State *L, const char *text, size_t length,
                 const char *name);

#endif
