/* Lua texts that many states load, compiled once: what the host itself runs in each, and the
 * modules that policies require. Serves core and require. What is kept is the compiler's own work
 * and never leaves the process; a policy's text is always compiled as text. */
#ifndef BINDINGS_VM_CHUNKS_H
#define BINDINGS_VM_CHUNKS_H

#include <lua.h>
#include <stddef.h>

struct chunks;
struct chunks *chunks_new(void);
void chunks_free(struct chunks *chunks); /* NULL is allowed */

/* Pushes the text's function, or raises what is wrong with it. name: as Lua has it ("@file"). */
void chunks_load(struct chunks *chunks, lua_State *L, const char *text, size_t length,
                 const char *name);

#endif
