#include "bindings/policy/loader.h"

#include <libgen.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/mem.h"
#include "bindings/policy/drivers.h"
#include "bindings/policy/environment.h"
#include "bindings/policy/freeze.h"
#include "bindings/policy/known.h"
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
    drivers_push_schema(L);
    lua_pushstring(L, file->name);
    environment_load(L, file->source->text, file->source->length, file->name);
    return 3;
}

/* For a file that the build has validated. */
static int push_start(lua_State *L)
{
    const struct evaluation *job = lua_touserdata(L, 1);
    const struct policy_file *file = job->state->file;
    state_push(L, STATE_START);
    environment_load(L, file->source->text, file->source->length, file->name);
    return 2;
}

static int push_data(lua_State *L)
{
    const struct evaluation *job = lua_touserdata(L, 1);
    const struct policy_file *file = job->state->file;
    state_push(L, STATE_DATA);
    environment_load(L, file->source->text, file->source->length, file->name);
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
    *meta = run_file(file, state, file->known ? push_start : push_load, err);
    if (*meta != NULL && freeze(file, state, err) == 0) {
        file->loaded = state->used;
        return state;
    }
    json_decref(*meta);
    *meta = NULL;
    state_free(state);
    return NULL;
}

static void identify(struct policy_file *file)
{
    struct stat status;
    if (stat(file->path, &status) != 0)
        return;
    file->device = status.st_dev;
    file->number = status.st_ino;
}

/* The source is NULL if the file cannot be read. */
static struct policy_file *read_file(struct host *host, const char *path, struct err *err)
{
    struct policy_file *file = mem_alloc(sizeof *file);
    file->host = host;
    file->path = mem_strdup(path);
    file->name = shown_name(path);
    file->lib_dir = lib_beside(path);
    file->source = require_file(host, path, err);
    identify(file);
    return file;
}

json_t *loader_data(struct host *host, const char *path, struct err *err)
{
    json_t *value = NULL;
    struct policy_file *file = read_file(host, path, err);
    if (strlen(path) < LUA_IDSIZE - 1) { /* a longer one would be cut in messages */
        mem_free(file->name);
        file->name = mem_strdup(path);
    }
    struct state *state =
        file->source != NULL ? state_new(host, host_limits(host)->memory_max) : NULL;
    if (state != NULL)
        value = run_file(file, state, push_data, err);
    else if (file->source != NULL)
        err_set(err, ERR_LIMIT, "not enough memory for a Lua state");
    state_free(state);
    policy_file_free(file);
    return value;
}

struct policy_file *loader_load(struct host *host, struct known *known, const char *path,
                                struct err *err)
{
    struct policy_file *file = read_file(host, path, err);
    if (file->source != NULL)
        file->meta = known_find(known, file);
    file->known = file->meta != NULL;
    if (file->source != NULL && file->meta == NULL) {
        log_debug("%s is run and validated now: the build did not know this content", file->name);
        file->state = new_state(host, file, &file->meta, err);
    }
    if (file->meta == NULL) {
        policy_file_free(file);
        return NULL;
    }
    policy_file_describe(file);
    return file;
}

/* ---- states ---- */

/* Creates another state, when the old one has hardly any memory left. */
static void renew(struct policy_file *file)
{
    struct err err;
    json_t *meta = NULL;
    struct state *state = new_state(file->host, file, &meta, &err);
    json_decref(meta);
    if (state == NULL)
        return;
    state_free(file->state);
    file->state = state;
}

/* Creates the state of a file whose metadata was known. If that fails, its jobs fail: they get an
 * empty state, for which there is always memory (mem.h), and do not start. */
static void create(struct policy_file *file)
{
    json_t *meta = NULL;
    file->state = new_state(file->host, file, &meta, &file->broken);
    json_decref(meta);
    if (file->state != NULL)
        return;
    file->state = state_new(file->host, host_limits(file->host)->memory_max);
    file->state->file = file;
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
    if (file->state == NULL)
        create(file);
    else if (file->state->jobs == NULL && needs_renewal(file->state))
        renew(file);
    return file->state;
}

/* So that a process with many runs needs no more memory than one run, but not every run pays for a
 * collection. */
static void collect(const struct policy_file *file)
{
    if (file->state->used > file->loaded + file->loaded / 2)
        lua_gc(file->state->L, LUA_GCCOLLECT);
}

/* The next run tries again to create the state: the end of this one may have stopped it. */
static void mend(struct policy_file *file)
{
    if (file->broken.kind == ERR_NONE || file->state->jobs != NULL)
        return;
    state_free(file->state);
    file->state = NULL;
    file->broken = (struct err){0};
}

void loader_forget(struct policy_file *file)
{
    file->overruns = 0;
    mend(file);
    if (file->state == NULL)
        return;
    file->state->settings = NULL;
    collect(file);
}
