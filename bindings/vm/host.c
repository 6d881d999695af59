#include "bindings/vm/host.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "aws/client/shared_reads.h"
#include "aws/operations/opset.h"
#include "base/mem.h"
#include "bindings/libs/caller.h"
#include "bindings/policy/data_file.h"
#include "bindings/policy/lint.h"
#include "bindings/vm/chunks.h"
#include "bindings/vm/host_internal.h"
#include "bindings/vm/scheduler.h"

#define MEMORY_MAX (64u << 20)
#define INSTRUCTIONS_MAX 200000000
#define RUN_MS_MAX 10000
#define PATTERN_STEPS 200000000
#define CALLS_MAX 100000
#define MAP_WIDTH 10
#define TURN_MS 100

struct host {
    struct host_options options;
    char *lib_dir;
    struct opset *caller_reads;
    struct callers *callers;
    struct chunks *chunks;
    struct shared_reads *shared_reads;
    struct evaluator evaluator;
    struct policy_file **files; /* sorted by type */
    const struct policy **policies;
    size_t count;
    int64_t turn_ms;   /* the loop's turn that is under way, by its time */
    int64_t worked_ms; /* by policies, in it */
};

struct loop *host_loop(const struct host *host)
{
    return host->options.loop;
}

bool host_turn_is_over(const struct host *host)
{
    return host->turn_ms == loop_now(host->options.loop) && host->worked_ms >= TURN_MS;
}

void host_worked(struct host *host, int64_t ms)
{
    int64_t turn_ms = loop_now(host->options.loop);
    host->worked_ms = ms + (host->turn_ms == turn_ms ? host->worked_ms : 0);
    host->turn_ms = turn_ms;
}

const struct host_options *host_limits(const struct host *host)
{
    return &host->options;
}

struct chunks *host_chunks(struct host *host)
{
    return host->chunks;
}

struct shared_reads *host_shared_reads(struct host *host)
{
    return host->shared_reads;
}

struct callers *host_callers(struct host *host)
{
    return host->callers;
}

const struct opset *host_caller_reads(const struct host *host)
{
    return host->caller_reads;
}

struct evaluator *host_evaluator(struct host *host)
{
    return &host->evaluator;
}

/* ---- names ---- */

static bool has_name(const struct policy_file *file, const char *name)
{
    size_t i;
    json_t *alias;
    if (strcmp(file->policy.type, name) == 0)
        return true;
    json_array_foreach (json_object_get(file->meta, "aliases"), i, alias) {
        if (strcmp(json_string_value(alias), name) == 0)
            return true;
    }
    return false;
}

static struct policy_file *find_file(const struct host *host, const char *name)
{
    for (size_t i = 0; i < host->count; i++) {
        if (has_name(host->files[i], name))
            return host->files[i];
    }
    return NULL;
}

static const struct policy *find(void *self, const char *type_or_alias)
{
    const struct policy_file *file = find_file(self, type_or_alias);
    return file != NULL ? &file->policy : NULL;
}

static const struct policy *const *all(void *self, size_t *count)
{
    const struct host *host = self;
    *count = host->count;
    return host->policies;
}

/* ---- loading ---- */

static int refuse_twice(const struct policy_file *file, const char *name,
                        const struct policy_file *other, struct err *err)
{
    return err_set(err, ERR_POLICY, "%s: type: \"%s\" is taken by %s already", file->name, name,
                   other->name);
}

static int check_names(const struct host *host, const struct policy_file *file, struct err *err)
{
    size_t i;
    json_t *alias;
    const struct policy_file *other = find_file(host, file->policy.type);
    if (other != NULL)
        return refuse_twice(file, file->policy.type, other, err);
    json_array_foreach (json_object_get(file->meta, "aliases"), i, alias) {
        other = find_file(host, json_string_value(alias));
        if (other != NULL)
            return refuse_twice(file, json_string_value(alias), other, err);
    }
    return 0;
}

static int by_type(const void *a, const void *b)
{
    const struct policy_file *const *one = a, *const *two = b;
    return strcmp((*one)->policy.type, (*two)->policy.type);
}

static void add_file(struct host *host, struct policy_file *file)
{
    size_t count = host->count + 1;
    host->files = mem_resize(host->files, count * sizeof *host->files);
    host->policies = mem_resize(host->policies, count * sizeof *host->policies);
    host->files[host->count] = file;
    host->count = count;
    qsort(host->files, count, sizeof *host->files, by_type);
    for (size_t i = 0; i < count; i++)
        host->policies[i] = &host->files[i]->policy;
}

static bool is_loaded(const struct host *host, const char *path)
{
    bool found = false;
    char *real = realpath(path, NULL);
    for (size_t i = 0; i < host->count && real != NULL && !found; i++) {
        char *other = realpath(host->files[i]->path, NULL);
        found = other != NULL && strcmp(other, real) == 0;
        free(other);
    }
    free(real);
    return found;
}

static int load_one(struct host *host, const char *path, struct err *err)
{
    if (is_loaded(host, path))
        return 0;
    struct policy_file *file = policy_file_load(host, path, err);
    if (file == NULL)
        return -1;
    if (check_names(host, file, err) != 0) {
        policy_file_free(file);
        return -1;
    }
    add_file(host, file);
    return 0;
}

static int is_policy(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return entry->d_name[0] != '.' && length > 4 && strcmp(entry->d_name + length - 4, ".lua") == 0;
}

static int load_directory(struct host *host, const char *path, struct err *err)
{
    struct dirent **entries;
    int result = 0;
    int count = scandir(path, &entries, is_policy, alphasort);
    if (count < 0)
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    for (int i = 0; i < count; i++) {
        char *file = mem_printf("%s/%s", path, entries[i]->d_name);
        if (result == 0)
            result = load_one(host, file, err);
        mem_free(file);
        free(entries[i]);
    }
    free(entries);
    if (result == 0 && count == 0)
        return err_set(err, ERR_USAGE, "%s holds no policies (*.lua)", path);
    return result;
}

static int load(void *self, const char *path, struct err *err)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    return S_ISDIR(status.st_mode) ? load_directory(self, path, err) : load_one(self, path, err);
}

static json_t *data(void *self, const char *path, struct err *err)
{
    return data_file_read(self, path, err);
}

/* ---- states ---- */

/* Makes the state anew. A policy can keep things in its upvalues: until hardly any memory is left,
 * or until a job would see what another left. */
static void renew(struct host *host, struct policy_file *file)
{
    struct err err;
    json_t *meta = NULL;
    struct state *state = policy_file_state(host, file, &meta, &err);
    json_decref(meta);
    if (state == NULL)
        return;
    state_free(file->state);
    file->state = state;
    file->stale = false;
}

static bool is_worn(struct state *state)
{
    if (state->used <= state->max / 2)
        return false;
    lua_gc(state->L, LUA_GCCOLLECT);
    return state->used > state->max / 2;
}

struct state *host_state(struct host *host, const struct policy *policy)
{
    struct policy_file *file = find_file(host, policy->type);
    if (file->state->jobs == NULL && (file->stale || is_worn(file->state)))
        renew(host, file);
    file->used = true;
    return file->state;
}

static void forget(void *self)
{
    struct host *host = self;
    callers_forget(host->callers);
    shared_reads_forget(host->shared_reads);
    for (size_t i = 0; i < host->count; i++) {
        host->files[i]->stale |= host->files[i]->used;
        host->files[i]->used = false;
        host->files[i]->overruns = 0;
    }
}

static void cancel(void *self, struct evaluation *evaluation)
{
    (void)self;
    job_cancel(evaluation);
}

/* One that has not begun yet is begun by the loop: it is none of those that wait. */
static struct evaluation *oldest_stranded(const struct host *host, uint64_t newest)
{
    struct evaluation *oldest = NULL;
    for (size_t i = 0; i < host->count; i++) {
        for (struct evaluation *job = host->files[i]->state->jobs; job != NULL;
             job = job->next_job) {
            if (job->timer == NULL && job->serial <= newest &&
                (oldest == NULL || job->serial < oldest->serial))
                oldest = job;
        }
    }
    return oldest;
}

/* Whoever is told may begin new ones: they are not looked at. */
static bool strand(void *self)
{
    struct host *host = self;
    uint64_t newest = job_serial();
    struct evaluation *job = oldest_stranded(host, newest);
    bool any = job != NULL;
    for (; job != NULL; job = oldest_stranded(host, newest))
        job_strand(job);
    return any;
}

/* ---- life ---- */

static void set_default(uint64_t *value, uint64_t otherwise)
{
    if (*value == 0)
        *value = otherwise;
}

static void set_limits(struct host_options *options)
{
    if (options->memory_max == 0)
        options->memory_max = MEMORY_MAX;
    if (options->run_ms_max == 0)
        options->run_ms_max = RUN_MS_MAX;
    if (options->map_width <= 0)
        options->map_width = MAP_WIDTH;
    set_default(&options->instructions_max, INSTRUCTIONS_MAX);
    set_default(&options->pattern_steps, PATTERN_STEPS);
    set_default(&options->calls_max, CALLS_MAX);
}

struct host *host_new(const struct host_options *options)
{
    struct host *host = mem_alloc(sizeof *host);
    host->options = *options;
    host->lib_dir = mem_strdup(options->lib_dir);
    host->options.lib_dir = host->lib_dir;
    host->chunks = chunks_new();
    host->callers = callers_new();
    host->shared_reads = shared_reads_new();
    host->caller_reads = opset_new();
    opset_add(host->caller_reads, "sts", "GetCallerIdentity");
    set_limits(&host->options);
    host->evaluator = (struct evaluator){.self = host,
                                         .load = load,
                                         .find = find,
                                         .all = all,
                                         .discover = discover_start,
                                         .audit = audit_start,
                                         .cancel = cancel,
                                         .strand = strand,
                                         .forget = forget,
                                         .event_ids = event_ids,
                                         .spell_ids = spell_ids,
                                         .arn = arn_of,
                                         .lint = lint_policy,
                                         .data = data};
    return host;
}

void host_free(struct host *host)
{
    if (host == NULL)
        return;
    for (size_t i = 0; i < host->count; i++) {
        while (host->files[i]->state->jobs != NULL)
            job_cancel(host->files[i]->state->jobs);
        policy_file_free(host->files[i]);
    }
    mem_free(host->files);
    mem_free(host->policies);
    mem_free(host->lib_dir);
    callers_free(host->callers);
    shared_reads_free(host->shared_reads);
    opset_free(host->caller_reads);
    chunks_free(host->chunks);
    mem_free(host);
}
