/* engine explain CHECK: explains a check. Needs no network. */
#include "app/cli/cmd_explain.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/services/services_policies.h"
#include "base/mem.h"
#include "generate/explain.h"
#include "policy/check_names.h"

#define MAX_TEXT ((size_t)1 << 20)

/* The policy's file as a path that can be opened; its `file` has only the last folder. */
static char *path_of(const struct services *services, const struct policy *policy)
{
    const struct text_list *folders = &services->settings.policy_folders;
    const char *name = strrchr(policy->file, '/');
    name = name != NULL ? name + 1 : policy->file;
    for (size_t i = 0; i < folders->count; i++) {
        char *path = mem_printf("%s/%s", folders->items[i], name);
        size_t length = strlen(path), shown = strlen(policy->file);
        if (access(path, F_OK) == 0 && length >= shown &&
            strcmp(path + length - shown, policy->file) == 0)
            return path;
        mem_free(path);
    }
    return mem_strdup(policy->file);
}

static int print(const struct services *services, const struct policy *policy, const char *name,
                 struct err *err)
{
    struct buf out;
    char *path = path_of(services, policy);
    buf_init(&out, MAX_TEXT);
    explain_text(policy, path, name, &out);
    mem_free(path);
    bool printed = fputs(buf_text(&out), stdout) != EOF && fflush(stdout) == 0;
    buf_clear(&out);
    return printed ? 0 : err_set(err, ERR_IO, "stdout cannot be written: %s", strerror(errno));
}

static int run_explain(struct services *services, const struct text_list *words, struct err *err)
{
    char *name = NULL;
    const char *given = words->items[0];
    struct evaluator *evaluator = services->language->evaluator(services->host);
    const struct policy *policy = check_names_find(evaluator, given, &name);
    if (policy == NULL)
        return check_names_refuse(evaluator, "engine explain", given, NULL, err);
    int result = print(services, policy, name, err);
    mem_free(name);
    return result;
}

static const char *const explain_options[] = {"policies", "models", "log-level", NULL};

const struct command command_explain = {
    .name = "explain",
    .arguments = "CHECK",
    .summary = "explain why a check matters, and its repair",
    .help = "Explains what the check looks at, why it matters, how to correct it by hand,\n"
            "what its repair does and interrupts, and which permissions and events it needs.\n"
            "For a type, explains all of its checks. Needs no network.\n",
    .options = explain_options,
    .choices = "@checks @types",
    .words = COMMAND_ONE_WORD,
    .open = services_declared,
    .run = run_explain,
};
