/* Policies in Lua: loads policy files and answers the core's questions about them. Serves
 * language.c and the tests, through engine/policy/evaluator.h; calls the loader, the jobs, and the
 * host.
 *
 * One Lua state per policy file, with an allocator of its own that has a ceiling; a policy shares
 * nothing with another. The evaluator owns host, states, policies and jobs; what a scope points to
 * is borrowed for the job. */
#ifndef BINDINGS_POLICY_EVALUATOR_H
#define BINDINGS_POLICY_EVALUATOR_H

#include "bindings/vm/host.h"
#include "policy/evaluator.h"

struct evaluator *lua_evaluator_new(const struct host_options *options);
/* Ends jobs that are under way without a word. NULL is allowed. */
void lua_evaluator_free(struct evaluator *evaluator);

#endif
