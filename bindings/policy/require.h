/* require "lib.access": pure helpers beside the policies, each loaded once per state and frozen;
 * and policy {…}, which hands the loader its table. Serves sandbox. */
#ifndef BINDINGS_POLICY_REQUIRE_H
#define BINDINGS_POLICY_REQUIRE_H

#include <lua.h>
#include <stddef.h>

#include "base/err.h"

void require_open(lua_State *L); /* adds both to the table on top */

/* Pushes the text of the module "lib.access" of the state's file; nil where it cannot be read. */
void require_push_text(lua_State *L, const char *module);

/* A file's bytes (mem_free), at most 1 MiB; NULL with ERR_IO or ERR_LIMIT. */
char *require_read(const char *path, size_t *length, struct err *err);

#endif
