#include "bindings/policy/lint.h"

#include <lauxlib.h>
#include <string.h>

#include "bindings/policy/core.h"
#include "bindings/policy/embedded.h"
#include "bindings/policy/lint_models.h"
#include "bindings/policy/loader.h"
#include "bindings/vm/host.h"
#include "bindings/vm/job.h"
#include "bindings/vm/policy_file.h"
#include "lint_calls_lua.h"
#include "lint_lua.h"
#include "lint_one_lua.h"
#include "lint_parse_lua.h"
#include "lint_values_lua.h"
#include "lint_walk_lua.h"

/* In the order in which they run. */
static const struct embedded files[] = {
    EMBEDDED(lint_parse), EMBEDDED(lint_values), EMBEDDED(lint_calls),
    EMBEDDED(lint_one),   EMBEDDED(lint_walk),   EMBEDDED(lint),
};

static int push_lint(lua_State *L)
{
    const struct evaluation *job = lua_touserdata(L, 1);
    lua_settop(L, 0);
    core_push(L);
    lua_newtable(L);
    lint_models_open(L);
    embedded_run(L, files, EMBEDDED_COUNT(files), 1);
    lua_getfield(L, 2, "run");
    lua_pushstring(L, job->state->file->name);
    return 2;
}

static json_t *broken(const struct policy *policy, const struct err *err)
{
    json_t *list = json_array();
    json_array_append_new(list, json_pack("{s:s, s:o}", "level", "error", "message",
                                          json_sprintf("%s: %s", policy->file, err->message)));
    return list;
}

json_t *lint_policy(void *self, const struct policy *policy)
{
    (void)self;
    if (host_limits(policy_file_of(policy)->host)->models == NULL)
        return json_array();
    struct evaluation *job = job_new(loader_state(policy), JOB_LOAD, NULL);
    job->prepare = push_lint;
    job_run(job);
    json_t *found = json_incref(job->outcome);
    if (found == NULL)
        found = broken(policy, &job->err);
    job_free(job);
    return found;
}
