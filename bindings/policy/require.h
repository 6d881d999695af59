/* require "lib.access": pure helper modules in the policies' folder, each loaded once per state and
 * frozen; and policy {…}, which passes its table to the loader. Serves sandbox. */
#ifndef BINDINGS_POLICY_REQUIRE_H
#define BINDINGS_POLICY_REQUIRE_H

#include <lua.h>
#include <stddef.h>

#include "base/err.h"

void require_open(lua_State *L); /* adds both to the table on top */

struct host;
struct policy_file;
struct source_text;
/* A file, as this process read it first; owned by the host's chunks. NULL with ERR_IO or
 * ERR_LIMIT. */
struct source_text *require_file(struct host *host, const char *path, struct err *err);
/* The file of a module ("lib.access") for a policy file, as this process read it first. NULL with
 * ERR_POLICY (not the name of a module), ERR_IO or ERR_LIMIT. */
struct source_text *require_source(struct host *host, const struct policy_file *file,
                                   const char *name, struct err *err);
/* Pushes the text of a module ("lib.access") for the state's file; nil if it cannot be read. */
void require_push_text(lua_State *L, const char *module);

/* The bytes of a file (free with mem_free), at most 1 MiB; NULL with ERR_IO or ERR_LIMIT. */
char *require_read(const char *path, size_t *length, struct err *err);

#endif
