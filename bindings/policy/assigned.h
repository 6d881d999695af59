/* Finds the outer variables that a Lua function assigns to. Lua has no interface for this, so the
 * bytecode from lua_dump is read.
 *
 * Serves freeze. */
#ifndef BINDINGS_POLICY_ASSIGNED_H
#define BINDINGS_POLICY_ASSIGNED_H

#include <stddef.h>

struct assigned {
    char name[64]; /* of the variable, cut if too long */
    int line;      /* line of the assignment */
};

/* code: what lua_dump writes for the function, not stripped. Looks for an assignment to one of the
 * function's own upvalues, in it or in a function inside it. Returns 1: found, 0: none, -1: not
 * bytecode of the Lua version that we know. */
int assigned_find(const void *code, size_t length, struct assigned *found);

#endif
