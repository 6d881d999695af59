/* engine explain CHECK: explains a check. Needs no network. */
#include "app/cli/cmd_explain.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/services/services_policies.h"
#include "base/mem.h"
#include "generate/explain.h"
#include "policy/check_names.h"

#define MAX_TEXT ((size_t)1 << 20)

static int print(const struct policy *policy, const char *name, struct err *err)
{
    struct buf out;
    buf_init(&out, MAX_TEXT);
    explain_text(policy, name, &out);
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
    int result = print(policy, name, err);
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
