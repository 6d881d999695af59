/* engine explain NAME: explains a check, a type, a control or a framework. Needs no network. */
#include "app/cli/cmd_explain.h"

#include <stdint.h>
#include <string.h>

#include "app/services/policy_place.h"
#include "app/services/services_policies.h"
#include "base/mem.h"
#include "base/terminal.h"
#include "compliance/controls.h"
#include "generate/explain.h"
#include "generate/explain_controls.h"
#include "generate/explain_data.h"
#include "generate/lines.h"
#include "policy/check_names.h"

#define MAX_TEXT ((size_t)1 << 20)
#define MAX_NAME 4096
#define USUAL_WIDTH 80 /* of text that is not on a terminal */

struct explain {
    const struct services *services;
    struct evaluator *evaluator;
    bool json;
};

static void add_checks(const struct explain *explain, const char *name, json_t *list)
{
    const struct policy *policy = check_names_find(explain->evaluator, name, NULL);
    char *path = policy_place_of(explain->services, policy);
    explain_data_checks(policy, path, name, list);
    mem_free(path);
}

/* Takes ownership of the text. */
static int print_lines(struct buf *text, struct err *err)
{
    struct buf out;
    buf_init(&out, MAX_TEXT);
    lines_wrap(buf_text(text), terminal_columns(stdout, USUAL_WIDTH), &out);
    out.failed |= text->failed;
    buf_clear(text);
    return command_write_buffer(&out, err);
}

static int print_policy(const struct explain *explain, const struct policy *policy,
                        const char *name, struct err *err)
{
    struct buf out;
    if (explain->json) {
        json_t *checks = json_array();
        add_checks(explain, name, checks);
        return command_write_json(json_pack("{s:o}", "checks", checks), err);
    }
    char *path = policy_place_of(explain->services, policy);
    buf_init(&out, MAX_TEXT);
    explain_text(policy, path, name, &out);
    mem_free(path);
    return print_lines(&out, err);
}

static int print_frameworks(const struct explain *explain, json_t *frameworks, struct err *err)
{
    size_t i;
    json_t *framework;
    struct buf out;
    if (explain->json)
        return command_write_json(json_pack("{s:O}", "frameworks", frameworks), err);
    buf_init(&out, MAX_TEXT);
    json_array_foreach (frameworks, i, framework) {
        buf_adds(&out, i > 0 ? "\n" : "");
        explain_framework(framework, explain->evaluator, &out);
    }
    return print_lines(&out, err);
}

/* Each check once, in the order of the controls. */
static json_t *checks_of(const struct explain *explain, const json_t *controls)
{
    size_t i, at;
    json_t *control, *check;
    json_t *seen = json_object(), *list = json_array();
    json_array_foreach (controls, i, control) {
        json_array_foreach (json_object_get(control, "checks"), at, check) {
            const char *id = json_string_value(check);
            if (json_object_get(seen, id) == NULL)
                add_checks(explain, id, list);
            json_object_set_new(seen, id, json_true());
        }
    }
    json_decref(seen);
    return list;
}

static int print_controls(const struct explain *explain, json_t *controls, struct err *err)
{
    struct buf out;
    if (explain->json)
        return command_write_json(
            json_pack("{s:O, s:o}", "controls", controls, "checks", checks_of(explain, controls)),
            err);
    buf_init(&out, MAX_TEXT);
    explain_controls(controls, explain->evaluator, &out);
    return print_lines(&out, err);
}

/* "(frameworks: cis-3.0, …)": for a name that is near to nothing. */
static char *list_names(const json_t *frameworks)
{
    size_t i;
    json_t *framework;
    struct buf list;
    buf_init(&list, MAX_NAME);
    json_array_foreach (frameworks, i, framework)
        buf_addf(&list, "%s%s", i > 0 ? ", " : "frameworks: ",
                 json_string_value(json_object_get(framework, "framework")));
    char *text = mem_printf(" (%s%sengine generate checks lists the checks with their controls; "
                            "--policies names folders of your own)",
                            buf_text(&list), list.len > 0 ? "; " : "");
    buf_clear(&list);
    return text;
}

static int refuse(const struct explain *explain, json_t *frameworks, const char *name,
                  struct err *err)
{
    struct suggest suggest;
    struct text_list offered = {0};
    char hint[SUGGEST_TEXT];
    char *names = list_names(frameworks);
    suggest_init(&suggest, name);
    check_names_offer(explain->evaluator, &suggest);
    controls_offer(frameworks, name, &suggest, &offered);
    suggest_text(&suggest, hint);
    err_set(err, ERR_USAGE,
            "engine explain: there is no check, type, control or framework \"%.100s\"%s", name,
            hint[0] != '\0' ? hint : names);
    text_list_clear(&offered);
    mem_free(names);
    return -1;
}

static int explain_control(const struct explain *explain, const char *name, struct err *err)
{
    int result;
    json_t *frameworks =
        controls_frameworks(&explain->services->settings.policy_folders, explain->evaluator, err);
    if (frameworks == NULL)
        return -1;
    json_t *named = controls_named(frameworks, name);
    json_t *controls = controls_find(frameworks, name);
    if (json_array_size(named) > 0)
        result = print_frameworks(explain, named, err);
    else if (json_array_size(controls) > 0)
        result = print_controls(explain, controls, err);
    else
        result = refuse(explain, frameworks, name, err);
    json_decref(frameworks);
    json_decref(named);
    json_decref(controls);
    return result;
}

/* Names of controls have blanks: "CIS 3.0 1.10" may come as one argument or as three. */
static char *join(const struct text_list *words)
{
    struct buf name;
    buf_init(&name, SIZE_MAX / 4); /* the system limits arguments */
    for (size_t i = 0; i < words->count; i++)
        buf_addf(&name, "%s%s", i > 0 ? " " : "", words->items[i]);
    return buf_take(&name);
}

static int run_explain(struct services *services, const struct text_list *words, struct err *err)
{
    char *canonical = NULL, *name = join(words);
    const struct explain explain = {.services = services,
                                    .evaluator = services->language->evaluator(services->host),
                                    .json = services->settings.format == FORMAT_JSON};
    const struct policy *policy = check_names_find(explain.evaluator, name, &canonical);
    int result = policy != NULL ? print_policy(&explain, policy, canonical, err)
                                : explain_control(&explain, name, err);
    mem_free(canonical);
    mem_free(name);
    return result;
}

static int check_explain(const struct services *services, const struct text_list *words,
                         struct err *err)
{
    const struct settings *settings = &services->settings;
    if (words->count == 0)
        return err_set(err, ERR_USAGE,
                       "engine explain requires a check, type, control or framework (see engine "
                       "explain --help)");
    if (settings->format_given && settings->format != FORMAT_TABLE &&
        settings->format != FORMAT_JSON)
        return err_set(err, ERR_USAGE, "--format: engine explain accepts only table and json");
    return 0;
}

static const char *const explain_options[] = {"format", "policies", "models", "log-level", NULL};

const struct command command_explain = {
    .name = "explain",
    .arguments = "NAME",
    .summary = "explain a check, control or framework",
    .help = "NAME is a check, a type, a control (S3.8, \"CIS 5.0 1.16\", \"PCI 8.3.6\", AC-6)\n"
            "or a framework (cis-5.0, fsbp, securityhub, …).\n"
            "Explains what the check looks at, why it matters, how to correct it by hand,\n"
            "what its repair does and interrupts, and which permissions and events it needs.\n"
            "For a type, explains all of its checks; for a control, names the checks that\n"
            "cover it; for a framework, lists what is covered. Needs no network.\n",
    .options = explain_options,
    .choices = "@checks @types @frameworks",
    .words = COMMAND_WORDS,
    .check = check_explain,
    .open = services_declared,
    .run = run_explain,
};
