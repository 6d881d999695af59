/* What a policy's code can reach: an allow-list of the library's functions, json, uri, require of
 * lib.* and policy; all of it frozen. There is no way to a metatable, a coroutine, a chunk of text,
 * a file, the collector or another state. Serves the loader. */
#ifndef BINDINGS_POLICY_SANDBOX_H
#define BINDINGS_POLICY_SANDBOX_H

#include "bindings/vm/state.h"

/* Fills a new state: metatables, drivers of the prelude, and the frozen environment. */
int sandbox_open(struct state *state, struct err *err);

#endif
