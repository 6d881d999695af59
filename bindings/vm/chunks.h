/* Texts that many states load: our own Lua files, and those of lib. A file is read once, and a text
 * is compiled once and loaded from its bytecode afterwards. The bytecode never leaves the process:
 * bytecode from a file could corrupt a state. Serves the loader and the drivers, through the
 * host, which owns them. */
#ifndef BINDINGS_VM_CHUNKS_H
#define BINDINGS_VM_CHUNKS_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct chunks;
struct chunks *chunks_new(void);
void chunks_free(struct chunks *chunks);

/* A file as it was read first: later changes of the file are not seen. */
struct source_text {
    char *text;
    size_t length;
    char digest[65]; /* SHA-256 in hex; "": chunks_digest has not been called */
};

/* Reads the file, at most `max` bytes, unless it was read before. Owned by the chunks. NULL with
 * errno: EFBIG if there are more. */
struct source_text *chunks_read(struct chunks *chunks, const char *path, size_t max);
bool chunks_has_read(const struct chunks *chunks, const char *path);
const char *chunks_digest(struct source_text *source);

/* Loads the text (never bytecode) as a function with its own _ENV upvalue, and pushes it; raises.
 * The text must outlive the chunks. */
void chunks_load(struct chunks *chunks, lua_State *L, const char *text, size_t length,
                 const char *name);

#endif
