/* Which variables of its surroundings a Lua function assigns to: the language has no other way to
 * ask than to read what lua_dump says of it.
 *
 * Serves freeze. */
#ifndef BINDINGS_POLICY_ASSIGNED_H
#define BINDINGS_POLICY_ASSIGNED_H

#include <stddef.h>

struct assigned {
    char name[64]; /* of the variable, cut to fit */
    int line;      /* where it is assigned to */
};

/* code: what lua_dump writes of the function, not stripped. Looks for an assignment to one of the
 * function's own upvalues, in it or in a function within it. 1: found, 0: there is none, -1: this
 * is no code of the Lua that we know. */
int assigned_find(const void *code, size_t length, struct assigned *found);

#endif
