#include "bindings/policy/loader.h"

#include <libgen.h>
#include <string.h>

#include "base/mem.h"
#include "bindings/policy/environment.h"
#include "bindings/policy/freeze.h"
#include "bindings/policy/require.h"
#include "bindings/policy/sandbox.h"
#include "bindings/vm/job.h"
#include "bindings/vm/policy_file.h"

/* "policies/sqs.lua" from a longer path, as shown in messages. */
static char *shown_name(const char *path)
{
    const char *name = path + strlen(path);
    int parts = 0;
    while (name > path && (name[-1] != '/' || ++parts < 2))
        name--;
    return mem_strdup(name);
}

static char *lib_beside(const char *path)
{
    char *copy = mem_strdup(path);
    char *lib_dir = mem_printf("%s/lib", dirname(copy));
    mem_free(copy);
    return lib_dir;
}

static int push_load(lua_State *L)
{
    const struct evaluation *job = lua_touserdata(L, 1);
    const struct policy_file *file = job->state->file;
    state_push(L, STATE_LOAD);
    lua_pushstring(L, file->name);
    environment_load(L, file->text, file->length, file->name);
    return 3;
}

static int push_data(lua_State *L)
{
    const struct evaluation *job = lua_touserdata(L, 1);
    const struct policy_file *file = job->state->file;
    state_push(L, STATE_DATA);
    environment_load(L, file->text, file->length, file->name);
    return 2;
}

static void conclude_nothing(struct evaluation *job)
{
    (void)job;
}

/* Runs the file in a new state, with this driver. The result is its metadata, or its data. */
static json_t *run_file(struct policy_file *file, struct state *state, lua_CFunction driver,
                        struct err *err)
{
    state->file = file;
    if (sandbox_open(state, err) != 0)
        return NULL;
    struct evaluation *job = job_new(state, JOB_LOAD, NULL);
    state->loader = job;
    job->prepare = driver;
    job->conclude = conclude_nothing;
    job_run(job);
    state->loader = NULL;
    json_t *meta = json_incref(job->outcome);
    *err = job->err;
    job_free(job);
    if (meta == NULL && strstr(err->message, file->name) == NULL)
        err_prefix(err, "%s", file->name);
    if (meta == NULL)
        err->kind = ERR_POLICY;
    return meta;
}

static int freeze(const struct policy_file *file, struct state *state, struct err *err)
{
    if (state_protect(state, err, freeze_file, NULL) == 0)
        return 0;
    return strstr(err->message, file->name) != NULL ? -1 : err_prefix(err, "%s", file->name);
}

static struct state *new_state(struct host *host, struct policy_file *file, json_t **meta,
                               struct err *err)
{
    struct state *state = state_new(host, host_limits(host)->memory_max);
    if (state == NULL) {
        err_set(err, ERR_LIMIT, "not enough memory for a Lua state");
        return NULL;
    }
    *meta = run_file(file, state, push_load, err);
    if (*meta != NULL && freeze(file, state, err) == 0)
        return state;
    json_decref(*meta);
    *meta = NULL;
    state_free(state);
    return NULL;
}

/* The text is NULL if the file cannot be read. */
static struct policy_file *read_file(const char *path, struct err *err)
{
    struct policy_file *file = mem_alloc(sizeof *file);
    file->path = mem_strdup(path);
    file->name = shown_name(path);
    file->lib_dir = lib_beside(path);
    file->text = require_read(path, &file->length, err);
    return file;
}

json_t *loader_data(struct host *host, const char *path, struct err *err)
{
    json_t *value = NULL;
    struct policy_file *file = read_file(path, err);
    if (strlen(path) < LUA_IDSIZE - 1) { /* a longer one would be cut in messages */
        mem_free(file->name);
        file->name = mem_strdup(path);
    }
    struct state *state =
        file->text != NULL ? state_new(host, host_limits(host)->memory_max) : NULL;
    if (state != NULL)
        value = run_file(file, state, push_data, err);
    else if (file->text != NULL)
        err_set(err, ERR_LIMIT, "not enough memory for a Lua state");
    state_free(state);
    policy_file_free(file);
    return value;
}

struct policy_file *loader_load(struct host *host, const char *path, struct err *err)
{
    struct policy_file *file = read_file(path, err);
    if (file->text != NULL)
        file->state = new_state(host, file, &file->meta, err);
    if (file->state == NULL) {
        policy_file_free(file);
        return NULL;
    }
    policy_file_describe(file);
    return file;
}

/* ---- states ---- */

/* Creates a new state. A policy can keep data in its upvalues: the state is replaced when it has
 * hardly any memory left, or when a job would see data of another job. */
static void renew(struct policy_file *file)
{
    struct err err;
    json_t *meta = NULL;
    struct state *state = new_state(file->state->host, file, &meta, &err);
    json_decref(meta);
    if (state == NULL)
        return;
    state_free(file->state);
    file->state = state;
    file->stale = false;
}

static bool needs_renewal(struct state *state)
{
    if (state->used <= state->max / 2)
        return false;
    lua_gc(state->L, LUA_GCCOLLECT);
    return state->used > state->max / 2;
}

struct state *loader_state(const struct policy *policy)
{
    struct policy_file *file = policy_file_of(policy);
    if (file->state->jobs == NULL && (file->stale || needs_renewal(file->state)))
        renew(file);
    file->used = true;
    return file->state;
}
