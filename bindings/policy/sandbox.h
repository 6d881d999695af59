/* What the code of a policy can reach: an allow-list of the library's functions, json, uri, require
 * of lib.* and policy; all of it frozen. Metatables, coroutines, loading of text, files, the
 * collector and other states cannot be reached. Serves the loader. */
#ifndef BINDINGS_POLICY_SANDBOX_H
#define BINDINGS_POLICY_SANDBOX_H

#include "bindings/vm/state.h"

/* Fills a new state: metatables, the prelude's drivers, and the frozen environment. */
int sandbox_open(struct state *state, struct err *err);

#endif
