#include "bindings/policy/evaluator.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "aws/client/shared_reads.h"
#include "base/log.h"
#include "base/mem.h"
#include "bindings/libs/caller.h"
#include "bindings/policy/data_file.h"
#include "bindings/policy/digests.h"
#include "bindings/policy/jobs.h"
#include "bindings/policy/known.h"
#include "bindings/policy/lint.h"
#include "bindings/policy/loader.h"
#include "bindings/vm/job.h"
#include "bindings/vm/policy_file.h"

struct policies {
    struct evaluator evaluator;
    struct host *host;
    struct known *known; /* NULL: there is no index */
    struct callers *callers;
    struct policy_file **files; /* sorted by type */
    const struct policy **policies;
    size_t count;
    unsigned int listings; /* directories loaded */
};

/* ---- names ---- */

static bool has_alias(const struct policy_file *file, const char *name)
{
    size_t i;
    json_t *alias;
    json_array_foreach (json_object_get(file->meta, "aliases"), i, alias) {
        if (strcmp(json_string_value(alias), name) == 0)
            return true;
    }
    return false;
}

static int compare_type(const void *type, const void *file)
{
    const struct policy_file *const *one = file;
    return strcmp(type, (*one)->policy.type);
}

/* Nearly all lines have a type, not an alias. */
static struct policy_file *find_file(const struct policies *policies, const char *name)
{
    struct policy_file **found = NULL;
    if (policies->count > 0)
        found = bsearch(name, policies->files, policies->count, sizeof *found, compare_type);
    if (found != NULL)
        return *found;
    for (size_t i = 0; i < policies->count; i++) {
        if (has_alias(policies->files[i], name))
            return policies->files[i];
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
    const struct policies *policies = self;
    *count = policies->count;
    return policies->policies;
}

/* ---- loading ---- */

static int refuse_twice(const struct policy_file *file, const char *name,
                        const struct policy_file *other, struct err *err)
{
    return err_set(err, ERR_POLICY, "%s: type: \"%s\" is already used by %s", file->name, name,
                   other->name);
}

static int check_names(const struct policies *policies, const struct policy_file *file,
                       struct err *err)
{
    size_t i;
    json_t *alias;
    const struct policy_file *other = find_file(policies, file->policy.type);
    if (other != NULL)
        return refuse_twice(file, file->policy.type, other, err);
    json_array_foreach (json_object_get(file->meta, "aliases"), i, alias) {
        other = find_file(policies, json_string_value(alias));
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

static void add_file(struct policies *policies, struct policy_file *file)
{
    size_t count = policies->count + 1;
    policies->files = mem_resize(policies->files, count * sizeof *policies->files);
    policies->policies = mem_resize(policies->policies, count * sizeof *policies->policies);
    policies->files[policies->count] = file;
    policies->count = count;
    qsort(policies->files, count, sizeof *policies->files, by_type);
    for (size_t i = 0; i < count; i++)
        policies->policies[i] = &policies->files[i]->policy;
}

static bool is_loaded(const struct policies *policies, const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return false;
    for (size_t i = 0; i < policies->count; i++) {
        const struct policy_file *file = policies->files[i];
        if (file->device == status.st_dev && file->number == status.st_ino)
            return true;
    }
    return false;
}

/* As in PATH, the first directory that has the type counts. */
static bool is_overridden(const struct policies *policies, const struct policy_file *file)
{
    const struct policy_file *other = find_file(policies, file->policy.type);
    if (other == NULL || strcmp(other->policy.type, file->policy.type) != 0 ||
        other->listing == policies->listings)
        return false;
    log_info("%s is not used: %s has the same type, and its directory comes first", file->name,
             other->name);
    return true;
}

static int load_one(struct policies *policies, const char *path, struct err *err)
{
    if (is_loaded(policies, path))
        return 0;
    struct policy_file *file = loader_load(policies->host, policies->known, path, err);
    if (file == NULL)
        return -1;
    file->listing = policies->listings;
    bool overridden = is_overridden(policies, file);
    if (overridden || check_names(policies, file, err) != 0) {
        policy_file_free(file);
        return overridden ? 0 : -1;
    }
    add_file(policies, file);
    return 0;
}

static int is_policy(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return entry->d_name[0] != '.' && length > 4 && strcmp(entry->d_name + length - 4, ".lua") == 0;
}

/* `engine generate types` writes annotations for editors. Among the policies they are no policy. */
static bool is_for_editors(const char *path)
{
    static const char mark[] = "---@meta";
    char start[sizeof mark - 1];
    FILE *file = fopen(path, "re");
    bool is = file != NULL && fread(start, 1, sizeof start, file) == sizeof start &&
              memcmp(start, mark, sizeof start) == 0;
    if (file != NULL)
        fclose(file);
    return is;
}

/* Only a file that fails is looked into. */
static int load_listed(struct policies *policies, const char *path, struct err *err)
{
    if (load_one(policies, path, err) == 0)
        return 0;
    if (!is_for_editors(path))
        return -1;
    log_debug("%s has annotations for editors: it is skipped", path);
    *err = (struct err){0};
    return 0;
}

static int load_directory(struct policies *policies, const char *path, struct err *err)
{
    struct dirent **entries;
    int result = 0;
    policies->listings++;
    int count = scandir(path, &entries, is_policy, alphasort);
    if (count < 0)
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    for (int i = 0; i < count; i++) {
        char *file = mem_printf("%s/%s", path, entries[i]->d_name);
        if (result == 0)
            result = load_listed(policies, file, err);
        mem_free(file);
        free(entries[i]);
    }
    free(entries);
    if (result == 0 && count == 0)
        return err_set(err, ERR_USAGE, "%s contains no policies (*.lua)", path);
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
    return data_file_read(((const struct policies *)self)->host, path, err);
}

static json_t *test_file(void *self, const char *path, struct err *err)
{
    return loader_data(((const struct policies *)self)->host, path, err);
}

static json_t *digests(void *self)
{
    const struct policies *policies = self;
    return digests_of(policies->known, policies->files, policies->count);
}

static void forget(void *self)
{
    struct policies *policies = self;
    callers_forget(policies->callers);
    shared_reads_forget(host_shared_reads(policies->host));
    for (size_t i = 0; i < policies->count; i++)
        loader_forget(policies->files[i]);
}

static void cancel(void *self, struct evaluation *evaluation)
{
    (void)self;
    job_cancel(evaluation);
}

/* Jobs that have not started are excluded: the loop starts them, so they do not wait. */
static struct evaluation *oldest_stranded(const struct policies *policies, uint64_t newest)
{
    struct evaluation *oldest = NULL;
    for (size_t i = 0; i < policies->count; i++) {
        const struct state *state = policies->files[i]->state;
        for (struct evaluation *job = state != NULL ? state->jobs : NULL; job != NULL;
             job = job->next_job) {
            if (job->timer == NULL && job->serial <= newest &&
                (oldest == NULL || job->serial < oldest->serial))
                oldest = job;
        }
    }
    return oldest;
}

/* A callback may start new jobs: those are not checked. */
static bool strand(void *self)
{
    struct policies *policies = self;
    uint64_t newest = job_serial();
    struct evaluation *job = oldest_stranded(policies, newest);
    bool any = job != NULL;
    for (; job != NULL; job = oldest_stranded(policies, newest))
        job_strand(job);
    return any;
}

/* ---- creating and freeing ---- */

struct evaluator *lua_evaluator_new(const struct host_options *options)
{
    struct policies *policies = mem_alloc(sizeof *policies);
    policies->host = host_new(options);
    policies->known = known_new(options->index);
    policies->callers = callers_new();
    host_set_callers(policies->host, policies->callers);
    policies->evaluator = (struct evaluator){.self = policies,
                                             .load = load,
                                             .find = find,
                                             .all = all,
                                             .discover = jobs_discover,
                                             .audit = jobs_audit,
                                             .cancel = cancel,
                                             .strand = strand,
                                             .forget = forget,
                                             .digests = digests,
                                             .event_ids = jobs_event_ids,
                                             .canonical_ids = jobs_canonical_ids,
                                             .arn = jobs_arn,
                                             .lint = lint_policy,
                                             .data = data,
                                             .test_file = test_file};
    return &policies->evaluator;
}

void lua_evaluator_free(struct evaluator *evaluator)
{
    if (evaluator == NULL)
        return;
    struct policies *policies = evaluator->self;
    for (size_t i = 0; i < policies->count; i++) {
        const struct state *state = policies->files[i]->state;
        while (state != NULL && state->jobs != NULL)
            job_cancel(state->jobs);
        policy_file_free(policies->files[i]);
    }
    mem_free(policies->files);
    mem_free(policies->policies);
    callers_free(policies->callers);
    known_free(policies->known);
    host_free(policies->host);
    mem_free(policies);
}

json_t *lua_evaluator_index(const struct evaluator *evaluator, struct buf *code)
{
    const struct policies *policies = evaluator->self;
    chunks_write(host_chunks(policies->host), code);
    return known_write(policies->files, policies->count);
}
