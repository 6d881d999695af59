/* Counts which lines of policies ran, for the coverage report: in test builds only, and only if
 * ENGINE_LUA_COVERAGE names a file. Counts are appended at exit as "<file>:<line> <count>". Serves
 * budget (whose hook calls it) and the loader (which says from which file a chunk came). */
#ifndef BINDINGS_VM_COVERAGE_H
#define BINDINGS_VM_COVERAGE_H

#include <lua.h>
#include <stdbool.h>

bool coverage_wanted(void);
/* Errors show `name` ("policies/sqs.lua"), counts show the path. */
void coverage_file(const char *name, const char *path);
void coverage_count(lua_State *L, lua_Debug *activation);
/* Writes the counts so far and resets them; called at exit. */
void coverage_write(void);

#endif
