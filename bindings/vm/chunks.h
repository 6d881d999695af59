/* Texts that states load: our own Lua files, policies, and the files of lib. A file is read once. A
 * text is compiled once and loaded from its bytecode afterwards. Texts are also built into the
 * executable, each with its digest and its bytecode: these take the place of hashing and of that
 * one compilation, if every byte of the text is the same, and the version of Lua. Bytecode is never
 * read from a file: it could corrupt a state. Serves the loader and the drivers, through the host,
 * which owns them. */
#ifndef BINDINGS_VM_CHUNKS_H
#define BINDINGS_VM_CHUNKS_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct buf;

/* What chunks_write has written; length 0: nothing. */
struct chunks_code {
    const unsigned char *bytes;
    size_t length;
};

struct chunks;
struct chunks *chunks_new(const struct chunks_code *built); /* whose bytes must outlive it */
void chunks_free(struct chunks *chunks);

/* A file as it was read first: later changes of the file are not seen. */
struct source_text {
    const char *text;
    size_t length;
    char digest[65]; /* SHA-256 in hex; "": chunks_digest has not been called */
};

/* Reads the file, at most `max` bytes, unless it was read before. Owned by the chunks. NULL with
 * errno: EFBIG if there are more. */
struct source_text *chunks_read(struct chunks *chunks, const char *path, size_t max);
/* Is there such a file? A file that was read stays, and one that was missing stays missing: so the
 * path that was looked up first is the one that is read later. */
bool chunks_has_file(struct chunks *chunks, const char *path);
const char *chunks_digest(struct source_text *source);

/* Appends all texts loaded so far with their bytecode, for the build. */
void chunks_write(const struct chunks *chunks, struct buf *out);

/* Loads the text (never bytecode) as a function with its own _ENV upvalue, and pushes it; raises.
 * The text must outlive the chunks. */
void chunks_load(struct chunks *chunks, lua_State *L, const char *text, size_t length,
                 const char *name);

#endif
