#include <lauxlib.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>

#include "aws/operations/opset.h"
#include "base/mem.h"
#include "bindings/policy/freeze.h"
#include "bindings/policy/require.h"
#include "bindings/policy/sandbox.h"
#include "bindings/vm/coverage.h"
#include "bindings/vm/host_internal.h"
#include "bindings/vm/scheduler.h"
#include "value/json.h"

/* "policies/sqs.lua" of a longer path: what messages show. */
static char *shown_name(const char *path)
{
    const char *name = path + strlen(path);
    int parts = 0;
    while (name > path && (name[-1] != '/' || ++parts < 2))
        name--;
    return mem_strdup(name);
}

static char *default_lib_dir(const char *path)
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
    sandbox_load(L, file->text, file->length, file->name);
    return 3;
}

static void conclude_nothing(struct evaluation *job)
{
    (void)job;
}

/* Runs the file in a new state. The result is its metadata. */
static json_t *run_file(struct policy_file *file, struct state *state, struct err *err)
{
    state->file = file;
    if (sandbox_open(state, err) != 0)
        return NULL;
    struct evaluation *job = job_new(state, JOB_LOAD, NULL);
    state->loader = job;
    job->prepare = push_load;
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
    if (state_protect(state, freeze_file, NULL, err) == 0)
        return 0;
    return strstr(err->message, file->name) != NULL ? -1 : err_prefix(err, "%s", file->name);
}

struct state *policy_file_state(struct host *host, struct policy_file *file, json_t **meta,
                                struct err *err)
{
    struct state *state = state_new(host, host_limits(host)->memory_max);
    if (state == NULL) {
        err_set(err, ERR_LIMIT, "no memory for a Lua state");
        return NULL;
    }
    *meta = run_file(file, state, err);
    if (*meta != NULL && freeze(file, state, err) == 0)
        return state;
    json_decref(*meta);
    *meta = NULL;
    state_free(state);
    return NULL;
}

/* only_reviewed: of those that say why they are reads. */
static struct opset *operations(const json_t *permissions, bool only_reviewed)
{
    struct opset *set = opset_new();
    size_t i, j;
    json_t *permission, *operation;
    json_array_foreach (permissions, i, permission) {
        if (only_reviewed && json_object_get(permission, "reviewed") == NULL)
            continue;
        json_array_foreach (json_object_get(permission, "operations"), j, operation) {
            const char *name = json_string_value(operation);
            const char *colon = strchr(name, ':');
            char *service = mem_strndup(name, (size_t)(colon - name));
            opset_add_action(set, service, colon + 1, json_get_string(permission, "action", ""));
            mem_free(service);
        }
    }
    return set;
}

/* "sqs:GetQueueAttributes.Attributes" of permissions.sensitive. */
static struct opset *members(const json_t *sensitive)
{
    struct opset *set = opset_new();
    const char *name;
    json_t *reason;
    json_object_foreach ((json_t *)sensitive, name, reason) {
        const char *colon = strchr(name, ':');
        char *service = mem_strndup(name, (size_t)(colon - name));
        opset_add(set, service, colon + 1);
        mem_free(service);
    }
    return set;
}

/* "s3control:GetPublicAccessBlock" of permissions.shared. */
static struct opset *shared_operations(const json_t *shared)
{
    struct opset *set = opset_new();
    size_t i;
    json_t *operation;
    json_array_foreach (shared, i, operation) {
        const char *name = json_string_value(operation);
        const char *colon = strchr(name, ':');
        char *service = mem_strndup(name, (size_t)(colon - name));
        opset_add(set, service, colon + 1);
        mem_free(service);
    }
    return set;
}

static void describe(struct policy_file *file)
{
    const json_t *permissions = json_object_get(file->meta, "permissions");
    file->reads = operations(json_object_get(permissions, "read"), false);
    file->reviewed = operations(json_object_get(permissions, "read"), true);
    file->writes = operations(json_object_get(permissions, "write"), false);
    file->sensitive = members(json_object_get(permissions, "sensitive"));
    file->shared = shared_operations(json_object_get(permissions, "shared"));
    file->policy = (struct policy){
        .type = json_get_string(file->meta, "type", ""),
        .title = json_get_string(file->meta, "title", ""),
        .file = file->name,
        .global = strcmp(json_get_string(file->meta, "scope", ""), "global") == 0,
        .reads = file->reads,
        .writes = file->writes,
        .reviewed = file->reviewed,
        .sensitive = file->sensitive,
        .meta = file->meta,
    };
}

struct policy_file *policy_file_load(struct host *host, const char *path, struct err *err)
{
    struct policy_file *file = mem_alloc(sizeof *file);
    const char *lib_dir = host_limits(host)->lib_dir;
    file->path = mem_strdup(path);
    file->name = shown_name(path);
    file->lib_dir = lib_dir != NULL ? mem_strdup(lib_dir) : default_lib_dir(path);
    file->text = require_read(path, &file->length, err);
    if (file->text != NULL) {
        coverage_file(file->name, path);
        file->state = policy_file_state(host, file, &file->meta, err);
    }
    if (file->state == NULL) {
        policy_file_free(file);
        return NULL;
    }
    describe(file);
    return file;
}

void policy_file_free(struct policy_file *file)
{
    if (file == NULL)
        return;
    state_free(file->state);
    opset_free(file->reads);
    opset_free(file->writes);
    opset_free(file->reviewed);
    opset_free(file->sensitive);
    opset_free(file->shared);
    json_decref(file->meta);
    mem_free(file->text);
    mem_free(file->lib_dir);
    mem_free(file->name);
    mem_free(file->path);
    mem_free(file);
}

bool policy_file_reads_service(const struct policy_file *file, const char *service)
{
    size_t i, j, length = strlen(service);
    json_t *permission, *operation;
    const json_t *reads = json_object_get(json_object_get(file->meta, "permissions"), "read");
    json_array_foreach (reads, i, permission) {
        json_array_foreach (json_object_get(permission, "operations"), j, operation) {
            const char *name = json_string_value(operation);
            if (strncmp(name, service, length) == 0 && name[length] == ':')
                return true;
        }
    }
    return false;
}

bool policy_file_tolerates(const struct policy_file *file, const char *service,
                           const char *operation, const char *code)
{
    size_t i;
    json_t *tolerated;
    char name[160];
    snprintf(name, sizeof name, "%s:%s", service, operation);
    json_array_foreach (json_object_get(json_object_get(file->meta, "tolerates"), name), i,
                        tolerated) {
        if (strcmp(json_string_value(tolerated), code) == 0)
            return true;
    }
    return false;
}
