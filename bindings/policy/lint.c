#include "bindings/policy/lint.h"

#include <lauxlib.h>
#include <string.h>

#include "bindings/policy/core.h"
#include "bindings/policy/lint_models.h"
#include "bindings/vm/chunks.h"
#include "bindings/vm/host_internal.h"
#include "bindings/vm/scheduler.h"
#include "lint_calls_lua.h"
#include "lint_lua.h"
#include "lint_parse_lua.h"
#include "lint_values_lua.h"
#include "lint_walk_lua.h"

/* Our Lua files, in the order in which they are run: each fills the table that they share. */
static const struct text {
    const unsigned char *text;
    const size_t *length;
    const char *name;
} texts[] = {
    {lint_parse_lua, &lint_parse_lua_len, "=lint_parse"},
    {lint_values_lua, &lint_values_lua_len, "=lint_values"},
    {lint_calls_lua, &lint_calls_lua_len, "=lint_calls"},
    {lint_walk_lua, &lint_walk_lua_len, "=lint_walk"},
    {lint_lua, &lint_lua_len, "=lint"},
};

static int push_lint(lua_State *L)
{
    const struct evaluation *job = lua_touserdata(L, 1);
    lua_settop(L, 0);
    core_push(L);
    lua_newtable(L);
    lint_models_open(L);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        chunks_load(host_chunks(job->state->host), L, (const char *)texts[i].text, *texts[i].length,
                    texts[i].name);
        lua_pushvalue(L, 1);
        lua_pushvalue(L, 2);
        lua_call(L, 2, 0);
    }
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
    if (host_limits(self)->models == NULL)
        return json_array();
    struct evaluation *job = job_new(host_state(self, policy), JOB_LOAD, NULL);
    job->prepare = push_lint;
    job_run(job);
    json_t *found = json_incref(job->outcome);
    if (found == NULL)
        found = broken(policy, &job->err);
    job_free(job);
    return found;
}
