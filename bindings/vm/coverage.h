/* Counts of the lines of policies that ran, for the coverage report: in test builds only, and only
 * when ENGINE_LUA_COVERAGE names a file. Counts are appended at exit as "<file>:<line> <count>".
 * Serves budget (whose hook calls it) and the loader (which says which file a chunk came from). */
#ifndef BINDINGS_VM_COVERAGE_H
#define BINDINGS_VM_COVERAGE_H

#include <lua.h>
#include <stdbool.h>

bool coverage_wanted(void);
/* Errors show `name` ("policies/sqs.lua"), counts the path. */
void coverage_file(const char *name, const char *path);
void coverage_count(lua_State *L, lua_Debug *activation);
/* Writes what was counted so far and forgets it; called at exit. */
void coverage_write(void);

#endif
