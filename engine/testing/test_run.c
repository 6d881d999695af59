#include "testing/test_run.h"

#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "testing/test_case.h"
#include "testing/test_file.h"
#include "testing/test_report.h"
#include "value/json.h"

struct file_run {
    struct test_run *run;
    const char *path;
    char *folder; /* of the file */
    void *host;
    struct test_world world;
    struct test_outcome outcome;
    json_t *tests;
};

void test_run_begin(struct test_run *run)
{
    run->results = json_array();
    run->files = run->passed = run->failed = 0;
}

void test_run_end(struct test_run *run)
{
    if (run->junit)
        test_report_junit(run->results);
    else
        printf("%zu %s: %zu passed, %zu failed\n", run->files, run->files == 1 ? "file" : "files",
               run->passed, run->failed);
    json_decref(run->results);
    run->results = NULL;
}

/* Takes the outcome of one test: counts, keeps and prints it. */
static void take(struct test_run *run, const char *path, const char *name,
                 struct test_outcome *outcome)
{
    json_t *failures = json_array();
    for (size_t i = 0; i < outcome->failures.count; i++)
        json_array_append_new(failures, json_string_nocheck(outcome->failures.items[i]));
    json_t *result = json_pack("{s:s, s:s, s:s, s:o}", "file", path, "name", name, "did",
                               outcome->did != NULL ? outcome->did : "", "failures", failures);
    if (outcome->failures.count > 0)
        run->failed++;
    else
        run->passed++;
    if (!run->junit)
        test_report_result(result);
    json_array_append_new(run->results, result);
    text_list_clear(&outcome->failures);
    mem_free(outcome->did);
    outcome->did = NULL;
}

/* ---- the policy ---- */

static char *folder_of(const char *path)
{
    char *copy = mem_strdup(path);
    char *folder = mem_strdup(dirname(copy));
    mem_free(copy);
    return folder;
}

/* Takes ownership of the path; NULL if there is no such file. */
static char *readable(char *path)
{
    if (access(path, R_OK) == 0)
        return path;
    mem_free(path);
    return NULL;
}

/* "mine/sqs.lua" for the folder "mine/tests": the path that a person would write. */
static char *above(const char *folder, const char *name)
{
    const char *slash = strrchr(folder, '/');
    const char *last = slash != NULL ? slash + 1 : folder;
    if (last[0] == '\0' || last[0] == '.')
        return mem_printf("%s/../%s.lua", folder, name);
    if (slash == NULL)
        return mem_printf("%s.lua", name);
    return mem_printf("%.*s/%s.lua", (int)(slash - folder), folder, name);
}

/* A name is looked for above the folder of the test, beside the test, and among the policies; a
 * path begins at the folder of the test. */
static char *policy_path(const struct test_run *run, const char *test, const char *name)
{
    char *folder = folder_of(test);
    char *path = NULL;
    if (strchr(name, '/') != NULL) {
        path = readable(name[0] == '/' ? mem_strdup(name) : mem_printf("%s/%s", folder, name));
    } else {
        path = readable(above(folder, name));
        if (path == NULL)
            path = readable(mem_printf("%s/%s.lua", folder, name));
        for (size_t i = 0; i < run->folders->count && path == NULL; i++)
            path = readable(mem_printf("%s/%s.lua", run->folders->items[i], name));
    }
    mem_free(folder);
    return path;
}

/* "policies/tests/sqs_test.lua": "sqs". */
static char *name_of(const char *test)
{
    const char *slash = strrchr(test, '/');
    const char *name = slash != NULL ? slash + 1 : test;
    size_t length = strlen(name), suffix = strlen(TEST_FILE_SUFFIX);
    bool plain = length > suffix && strcmp(name + length - suffix, TEST_FILE_SUFFIX) == 0;
    return mem_strndup(name, plain ? length - suffix : strcspn(name, "."));
}

/* The helpers of the policies above the tests, then those of the chosen policies. */
static char *lib_dir_of(const struct test_run *run, const char *folder)
{
    char *above = readable(mem_printf("%s/../lib", folder));
    if (above == NULL)
        return mem_strdup(run->lib_dir);
    char *both = run->lib_dir != NULL ? mem_printf("%s:%s", above, run->lib_dir) : NULL;
    if (both == NULL)
        return above;
    mem_free(above);
    return both;
}

static int load_policy(struct file_run *file, struct err *err)
{
    struct evaluator *evaluator = file->world.evaluator;
    size_t count;
    char *own = name_of(file->path);
    const char *name = json_get_string(file->tests, "policy", own);
    char *path = policy_path(file->run, file->path, name);
    int result = path != NULL ? evaluator->load(evaluator->self, path, err)
                              : err_set(err, ERR_POLICY,
                                        "%s: there is no policy \"%s\" beside the tests, above "
                                        "them, or in the policies directory",
                                        file->path, name);
    mem_free(path);
    mem_free(own);
    if (result == 0)
        file->world.policy = evaluator->all(evaluator->self, &count)[0];
    return result;
}

/* ---- the tests ---- */

static void begin_coverage(struct file_run *file)
{
    size_t i;
    json_t *check;
    file->outcome.coverage = json_object();
    file->outcome.called = json_object();
    json_array_foreach (json_object_get(file->world.policy->meta, "checks"), i, check)
        json_object_set_new(file->outcome.coverage, json_get_string(check, "id", ""),
                            json_object());
}

static void run_list(struct file_run *file, const char *list, const char *key,
                     void (*test)(struct test_world *world, const json_t *item,
                                  struct test_outcome *outcome))
{
    size_t i;
    json_t *item;
    json_array_foreach (json_object_get(file->tests, list), i, item) {
        test(&file->world, item, &file->outcome);
        take(file->run, file->path, json_get_string(item, key, ""), &file->outcome);
    }
}

/* A policy, or a test of another name that has an error. */
static int refuse_other(const struct file_run *file, struct err *err)
{
    char *name = name_of(file->path);
    err_prefix(err,
               "this is not a test: those of a policy are in %s" TEST_FILE_SUFFIX
               ", beside it or in tests/ (engine new writes both)",
               name);
    mem_free(name);
    return -1;
}

static int open_file(struct file_run *file, struct err *err)
{
    struct test_run *run = file->run;
    char *lib_dir = lib_dir_of(run, file->folder);
    file->host = run->language->host_new(run->loop, lib_dir, run->models, true);
    mem_free(lib_dir);
    file->world.loop = run->loop;
    file->world.base = file->folder;
    file->world.models = run->models;
    file->world.evaluator = run->language->evaluator(file->host);
    file->tests = test_file_read(file->world.evaluator, file->path, err);
    if (file->tests == NULL && strstr(file->path, TEST_FILE_SUFFIX) == NULL)
        return refuse_other(file, err);
    if (file->tests == NULL || load_policy(file, err) != 0 ||
        test_file_check(file->tests, file->path, file->world.policy, run->models, err) != 0)
        return -1;
    return test_world_open(&file->world, err);
}

static void run_all(struct file_run *file)
{
    begin_coverage(file);
    run_list(file, "cases", "name", test_case);
    run_list(file, "listings", "name", test_listing);
    run_list(file, "events", "event", test_event);
    if (!file->run->junit)
        test_report_coverage(file->world.policy, file->outcome.coverage, file->outcome.called);
    json_decref(file->outcome.coverage);
    json_decref(file->outcome.called);
}

void test_run_file(struct test_run *run, const char *path)
{
    struct err err = {0};
    struct file_run file = {.run = run, .path = path, .folder = folder_of(path)};
    run->files++;
    if (!run->junit)
        printf("%s\n", path);
    if (open_file(&file, &err) == 0) {
        run_all(&file);
    } else {
        text_list_add(&file.outcome.failures, err.message);
        take(run, path, "the file can be run", &file.outcome);
    }
    test_world_close(&file.world);
    json_decref(file.tests);
    run->language->host_free(file.host);
    mem_free(file.folder);
}
