/* engine test [FILE|DIR…]: runs tests of policies with canned replies, without the network. */
#include "app/cli/cmd_test.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/services/policy_place.h"
#include "app/services/services_policies.h"
#include "base/log.h"
#include "base/mem.h"
#include "testing/test_run.h"

#define WATCH_MS 300

static int is_test(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name), suffix = strlen(TEST_FILE_SUFFIX);
    return entry->d_name[0] != '.' && length > suffix &&
           strcmp(entry->d_name + length - suffix, TEST_FILE_SUFFIX) == 0;
}

/* The tests of a folder of policies are one level below it. */
static int refuse_folder(const char *folder, struct err *err)
{
    char *below = mem_printf("%s/tests", folder);
    bool likely = access(below, F_OK) == 0;
    err_set(err, ERR_USAGE, "%s contains no tests (*" TEST_FILE_SUFFIX ")%s%s%s", folder,
            likely ? ", did you mean " : "", likely ? below : "", likely ? "?" : "");
    mem_free(below);
    return -1;
}

/* A folder and a file in it, or a policy and its tests, may both be named. */
static void add_once(struct text_list *files, const char *file)
{
    if (!text_list_has(files, file))
        text_list_add(files, file);
}

static int add_folder(const char *folder, struct text_list *files, struct err *err)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_test, alphasort);
    if (count < 0)
        return err_set(err, ERR_USAGE, "%s: %s", folder, strerror(errno));
    for (int i = 0; i < count; i++) {
        char *file = mem_printf("%s/%s", folder, entries[i]->d_name);
        add_once(files, file);
        mem_free(file);
        free(entries[i]);
    }
    free(entries);
    return count > 0 ? 0 : refuse_folder(folder, err);
}

/* The tests of a policy file, beside it or one level below; NULL if there are none. mem_free. */
static char *tests_of(const char *file)
{
    static const char *const below[] = {"", "tests/"};
    const char *slash = strrchr(file, '/');
    int folder = slash != NULL ? (int)(slash - file) + 1 : 0;
    size_t length = strlen(file) - (size_t)folder, end = strlen(".lua");
    if (length <= end || strcmp(file + strlen(file) - end, ".lua") != 0)
        return NULL;
    for (size_t i = 0; i < sizeof below / sizeof *below; i++) {
        char *tests = mem_printf("%.*s%s%.*s" TEST_FILE_SUFFIX, folder, file, below[i],
                                 (int)(length - end), file + folder);
        if (access(tests, F_OK) == 0)
            return tests;
        mem_free(tests);
    }
    return NULL;
}

/* A type or an alias: the tests of its policy. */
static int add_policy(const struct services *services, const char *word, struct text_list *files,
                      struct err *err)
{
    char *policy = policy_place_named(services, word, err);
    if (policy == NULL)
        return err->kind != ERR_NONE
                   ? -1
                   : err_set(err, ERR_USAGE, "%s: No such file or directory, and no type or alias",
                             word);
    char *tests = tests_of(policy);
    if (tests != NULL)
        text_list_add(files, tests);
    else
        err_set(err, ERR_USAGE,
                "%s has no tests, neither beside it nor in a directory tests there: name their "
                "file or directory",
                policy);
    int result = tests != NULL ? 0 : -1;
    mem_free(tests);
    mem_free(policy);
    return result;
}

static int add_word(const struct services *services, const char *word, struct text_list *files,
                    struct err *err)
{
    struct stat status;
    if (stat(word, &status) != 0 && (errno != ENOENT || strchr(word, '/') != NULL))
        return err_set(err, ERR_USAGE, "%s: %s", word, strerror(errno));
    if (access(word, F_OK) != 0)
        return add_policy(services, word, files, err);
    if (S_ISDIR(status.st_mode))
        return add_folder(word, files, err);
    char *tests = tests_of(word);
    add_once(files, tests != NULL ? tests : word);
    mem_free(tests);
    return 0;
}

/* Without words: the folder tests in each folder of policies that has one. */
static int find_own(const struct services *services, struct text_list *files, struct err *err)
{
    const struct text_list *folders = &services->settings.policy_folders;
    for (size_t i = 0; i < folders->count; i++) {
        char *folder = mem_printf("%s/tests", folders->items[i]);
        int result = access(folder, F_OK) == 0 ? add_folder(folder, files, err) : 0;
        mem_free(folder);
        if (result != 0)
            return -1;
    }
    if (files->count > 0)
        return 0;
    return err_set(
        err, ERR_USAGE,
        "there is no directory tests beside the policies: name test files or directories "
        "(engine new writes a policy and its tests)");
}

static int find_files(const struct services *services, const struct text_list *words,
                      struct text_list *files, struct err *err)
{
    if (words->count == 0)
        return find_own(services, files, err);
    for (size_t i = 0; i < words->count; i++) {
        if (add_word(services, words->items[i], files, err) != 0)
            return -1;
    }
    return 0;
}

static int run_files(struct services *services, const struct text_list *files)
{
    char *lib_dir = services_lib_dir(services);
    struct test_run run = {.language = services->language,
                           .loop = services->loop,
                           .models = services->models,
                           .folders = &services->settings.policy_folders,
                           .lib_dir = lib_dir,
                           .junit = services->settings.format == FORMAT_JUNIT};
    test_run_begin(&run);
    for (size_t i = 0; i < files->count; i++)
        test_run_file(&run, files->items[i]);
    test_run_end(&run);
    mem_free(lib_dir);
    if (fflush(stdout) == 0 && ferror(stdout) == 0)
        return run.failed > 0;
    log_error("standard output cannot be written: %s", strerror(errno));
    return 1;
}

/* ---- --watch ---- */

static int64_t changed_ms(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return 0;
    return (int64_t)status.st_mtim.tv_sec * 1000 + status.st_mtim.tv_nsec / 1000000;
}

static void add_times(const char *folder, int64_t *sum)
{
    const struct dirent *entry;
    DIR *directory = opendir(folder);
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        char *path = mem_printf("%s/%s", folder, entry->d_name);
        size_t length = strlen(entry->d_name);
        if (length > 4 && strcmp(entry->d_name + length - 4, ".lua") == 0)
            *sum += changed_ms(path);
        mem_free(path);
    }
    if (directory != NULL)
        closedir(directory);
}

/* Differs if a test, a policy beside or above it, or a helper was written, added or removed. */
static int64_t look(const struct services *services, const struct text_list *files)
{
    static const char *const folders[] = {".", "..", "../lib"};
    static const char *const chosen[] = {".", "lib"};
    const struct text_list *policies = &services->settings.policy_folders;
    int64_t sum = 0;
    for (size_t i = 0; i < files->count; i++) {
        const char *slash = strrchr(files->items[i], '/');
        int length = slash != NULL ? (int)(slash - files->items[i]) : 0;
        for (size_t j = 0; j < sizeof folders / sizeof *folders; j++) {
            char *folder = mem_printf("%.*s%s%s", length, files->items[i], slash != NULL ? "/" : "",
                                      folders[j]);
            add_times(folder, &sum);
            mem_free(folder);
        }
    }
    for (size_t i = 0; i < policies->count * 2; i++) {
        char *folder = mem_printf("%s/%s", policies->items[i / 2], chosen[i % 2]);
        add_times(folder, &sum);
        mem_free(folder);
    }
    return sum;
}

/* Runs the tests again at each change, until the process is interrupted. */
static int watch(struct services *services, const struct text_list *words, struct text_list *files,
                 struct err *err)
{
    for (;;) {
        int64_t before = look(services, files);
        run_files(services, files);
        fputs("engine: waiting for a change (end with Ctrl-C)\n", stderr);
        while (look(services, files) == before)
            usleep(WATCH_MS * 1000);
        text_list_clear(files);
        if (find_files(services, words, files, err) != 0)
            return -1;
    }
}

static int run_test(struct services *services, const struct text_list *words, struct err *err)
{
    struct text_list files = {0};
    services_offline(services);
    if (services->models == NULL)
        return err_set(err, ERR_USAGE,
                       "no API models found: compile them with `engine models SRC --out DIR`, and "
                       "set --models DIR or ENGINE_MODELS");
    int status = find_files(services, words, &files, err);
    if (status == 0 && json_object_get(services->settings.extra, "watch") != NULL)
        status = watch(services, words, &files, err);
    else if (status == 0)
        status = run_files(services, &files);
    text_list_clear(&files);
    return status;
}

static int check_format(const struct services *services, const struct text_list *words,
                        struct err *err)
{
    const struct settings *settings = &services->settings;
    (void)words;
    if (!settings->format_given || settings->format == FORMAT_JUNIT)
        return 0;
    return err_set(err, ERR_USAGE, "--format: engine test accepts only junit");
}

static const char *const test_options[] = {"watch",  "format",    "policies",
                                           "models", "log-level", NULL};

const struct command command_test = {
    .name = "test",
    .arguments = "[FILE|DIR|POLICY...]",
    .summary = "run the tests of policies; needs no network",
    .help = "Runs files named *_test.lua: the given files, those in the given directories,\n"
            "those of the given policies (files, types or aliases, such as s3) beside the\n"
            "policy or in the directory tests there; without arguments, all in the directory\n"
            "tests beside the policies. Each case has replies, which are checked against the\n"
            "API models. The engine audits with them, audits again with each read refused,\n"
            "and, if the case lists the expected changes, repairs, reads back and undoes.\n"
            "--format accepts only junit. The exit status is 1 if a test fails.\n",
    .options = test_options,
    .words = COMMAND_WORDS,
    .check = check_format,
    .run = run_test,
};
