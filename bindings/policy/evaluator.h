/* Policies in Lua: loads policy files and answers the core's queries about them. Serves language.c
 * and the tests, through engine/policy/evaluator.h; calls the loader, the jobs, and the host.
 *
 * Each policy file has its own Lua state, with its own allocator and memory limit; policies share
 * nothing. The evaluator owns host, states, policies and jobs; the contents of a scope are borrowed
 * for the job. */
#ifndef BINDINGS_POLICY_EVALUATOR_H
#define BINDINGS_POLICY_EVALUATOR_H

#include "bindings/vm/host.h"
#include "policy/evaluator.h"

struct evaluator *lua_evaluator_new(const struct host_options *options);
/* Cancels running jobs; their callbacks are not called. NULL is allowed. */
void lua_evaluator_free(struct evaluator *evaluator);

/* What loading the policies has found out: the index (known.h), a new reference, and the bytecode
 * (chunks.h), which is appended. The build embeds both into the executable. */
json_t *lua_evaluator_index(const struct evaluator *evaluator, struct buf *code);

#endif
