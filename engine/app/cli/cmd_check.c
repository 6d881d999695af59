/* engine check [P...]: loads and validates policy files, without the network. */
#include "app/cli/cmd_check.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/cli/declared.h"
#include "app/services/policy_place.h"
#include "app/services/services_policies.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/suggest.h"
#include "base/text_list.h"
#include "value/json.h"

/* Returns how many of them are errors. */
static size_t print_found(struct evaluator *evaluator, const struct policy *policy)
{
    size_t i, errors = 0;
    json_t *one;
    json_t *found = evaluator->lint(evaluator->self, policy);
    json_array_foreach (found, i, one) {
        bool error = strcmp(json_get_string(one, "level", "error"), "error") == 0;
        if (error)
            log_error("%s", json_get_string(one, "message", ""));
        else
            log_warn("%s", json_get_string(one, "message", ""));
        errors += error;
    }
    json_decref(found);
    return errors;
}

static const char *plural(size_t count, const char *one, const char *many)
{
    return count == 1 ? one : many;
}

/* Returns how many policies have errors. */
static size_t print_summary(struct evaluator *evaluator)
{
    size_t count, bad = 0;
    size_t checks = 0;
    const struct policy *const *all = evaluator->all(evaluator->self, &count);
    for (size_t i = 0; i < count; i++) {
        size_t of_this = json_array_size(json_object_get(all[i]->meta, "checks"));
        command_warn_declared(all[i]);
        size_t errors = print_found(evaluator, all[i]);
        bad += errors > 0;
        printf("%-3s %-18s %2zu %-6s  %s\n", errors > 0 ? "bad" : "ok", all[i]->type, of_this,
               plural(of_this, "check", "checks"), all[i]->file);
        checks += of_this;
    }
    printf("%zu %s, %zu %s\n", count, plural(count, "policy", "policies"), checks,
           plural(checks, "check", "checks"));
    return bad;
}

static void list_files(const char *folder, struct text_list *names)
{
    const struct dirent *entry;
    DIR *directory = opendir(folder);
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        char *bare = mem_strndup(entry->d_name, strcspn(entry->d_name, "."));
        text_list_add(names, bare);
        mem_free(bare);
    }
    if (directory != NULL)
        closedir(directory);
}

/* No policy is loaded yet, so their files are what the name may have meant. */
static int refuse_name(const struct services *services, const char *name, struct err *err)
{
    char hint[SUGGEST_TEXT];
    struct text_list names = {0};
    const struct text_list *folders = &services->settings.policy_folders;
    for (size_t i = 0; i < folders->count; i++)
        list_files(folders->items[i], &names);
    suggest_among(name, (const char *const *)names.items, names.count, hint);
    text_list_clear(&names);
    return err_set(err, ERR_USAGE, "%s: no such policy file, type or alias%s (policies: %s)", name,
                   hint,
                   services->settings.policies != NULL ? services->settings.policies : "none");
}

static int load_one(struct services *services, struct evaluator *evaluator, const char *name,
                    struct err *err)
{
    char *path = policy_place_named(services, name, err);
    if (path == NULL)
        return err->kind != ERR_NONE ? -1 : refuse_name(services, name, err);
    int result = evaluator->load(evaluator->self, path, err);
    mem_free(path);
    return result;
}

static int load_all(struct services *services, const struct text_list *words, struct err *err)
{
    struct evaluator *evaluator = services->language->evaluator(services->host);
    int status = 0;
    if (words->count == 0 && services->settings.policies == NULL)
        return err_set(
            err, ERR_USAGE,
            "no policies found: name policy files, or set --policies DIR or ENGINE_POLICIES");
    if (words->count == 0 && services_load_all(services, evaluator, err) != 0)
        return -1;
    for (size_t i = 0; i < words->count; i++) {
        struct err one = {0};
        if (load_one(services, evaluator, words->items[i], &one) == 0)
            continue;
        log_error("%s", one.message);
        if (status != EXIT_USAGE)
            status = one.kind == ERR_USAGE ? EXIT_USAGE : 1;
    }
    if (services->models == NULL)
        log_warn("no API models found: the policies are not checked against them");
    if (print_summary(evaluator) > 0 && status == 0)
        status = 1;
    return status;
}

static int flush_output(int status)
{
    if (fflush(stdout) == 0 && ferror(stdout) == 0)
        return status;
    log_error("standard output cannot be written: %s", strerror(errno));
    return status == 0 ? 1 : status;
}

static int run_check(struct services *services, const struct text_list *words, struct err *err)
{
    char *lib_dir = services_lib_dir(services);
    services_offline(services);
    services->host = services->language->host_new(services->loop, lib_dir, services->models, true);
    mem_free(lib_dir);
    return flush_output(load_all(services, words, err));
}

static const char *const check_options[] = {"policies", "models", "log-level", NULL};

const struct command command_check = {
    .name = "check",
    .arguments = "[POLICY...]",
    .summary = "validate policy files; needs no network",
    .help = "POLICY is a file, a type or an alias (s3). Without arguments, checks all\n"
            "policies of the policies directory. Errors name file, line and field. Calls,\n"
            "parameters, steps, members of responses and events are checked against the API\n"
            "models and the declared permissions, and permissions that are never used are\n"
            "reported. The exit status is 1 if there are errors.\n",
    .options = check_options,
    .choices = "@types",
    .words = COMMAND_WORDS,
    .run = run_check,
};
