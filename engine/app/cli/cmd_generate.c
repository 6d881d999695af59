/* engine generate WHAT: writes output derived from the policies to stdout. Needs no network. */
#include "app/cli/cmd_generate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/cli/declared.h"
#include "app/services/services_policies.h"
#include "base/mem.h"
#include "base/suggest.h"
#include "generate/generate.h"
#include "generate/generate_checks.h"
#include "generate/generate_events.h"
#include "generate/generate_hub.h"
#include "generate/generate_pages.h"
#include "generate/generate_permissions.h"
#include "generate/generate_types.h"
#include "guide/completion_shells.h"
#include "guide/manual.h"
#include "policy/words.h"

/* Far larger than the output for any set of policy files. */
#define MAX_TEXT ((size_t)16 << 20)

struct generate_job {
    const struct services *services;
    const char *shell; /* of completions */
    struct generate_input input;
};

static const char *extra_option(const struct services *services, const char *name,
                                const char *otherwise)
{
    const json_t *value = json_object_get(services->settings.extra, name);
    return value != NULL ? json_string_value(value) : otherwise;
}

static int make_events(const struct generate_job *job, struct err *err)
{
    return command_write_json(generate_events(&job->input), err);
}

static int make_hub(const struct generate_job *job, struct err *err)
{
    return command_write_json(generate_hub(&job->input), err);
}

/* "aws", or "aws-" and more: any other word would make a policy that allows nothing. */
static bool is_partition(const char *text)
{
    return strncmp(text, "aws", 3) == 0 && (text[3] == '\0' || text[3] == '-') &&
           text[strspn(text, "abcdefghijklmnopqrstuvwxyz-")] == '\0';
}

/* Without models only its form can be checked. */
static int check_partition(const struct services *services, const char *name, struct err *err)
{
    if (!is_partition(name))
        return err_set(err, ERR_USAGE,
                       "--partition: \"%s\" is not a partition, such as aws, aws-cn or aws-us-gov",
                       name);
    if (services->models == NULL)
        return 0;
    struct endpoints *endpoints = endpoints_new(services->models, services_getenv);
    int result = words_partition(
        endpoints, &(struct word){.label = "--partition", .text = name, .pattern = false}, err);
    endpoints_free(endpoints);
    return result;
}

static int make_permissions(const struct generate_job *job, struct err *err)
{
    static const char *const accesses[] = {"read", "write", "both"};
    const char *access = extra_option(job->services, "access", "both");
    struct generate_permissions wanted = {
        .read = strcmp(access, "write") != 0,
        .write = strcmp(access, "read") != 0,
        .partition = extra_option(job->services, "partition", "aws"),
    };
    if (wanted.read && wanted.write && strcmp(access, "both") != 0)
        return suggest_refuse("--access", access, accesses, 3, err);
    if (check_partition(job->services, wanted.partition, err) != 0)
        return -1;
    for (size_t i = 0; wanted.read && i < job->input.count; i++)
        command_warn_declared(job->input.policies[i]);
    json_t *document = generate_permissions(&job->input, &wanted, err);
    return document != NULL ? command_write_json(document, err) : -1;
}

/* JSON with --format json. */
static int make_checks(const struct generate_job *job, struct err *err)
{
    struct buf out;
    if (job->services->settings.format_given)
        return command_write_json(generate_checks_list(&job->input), err);
    buf_init(&out, MAX_TEXT);
    generate_checks(&job->input, &out);
    return command_write_buffer(&out, err);
}

static int make_pages(const struct generate_job *job, struct err *err)
{
    struct buf out;
    buf_init(&out, MAX_TEXT);
    generate_pages(&job->input, &out);
    return command_write_buffer(&out, err);
}

static int make_types(const struct generate_job *job, struct err *err)
{
    struct buf out;
    buf_init(&out, MAX_TEXT);
    buf_adds(&out, job->services->language->annotations);
    generate_types(&job->input, job->services->models, &out);
    return command_write_buffer(&out, err);
}

static int make_completions(const struct generate_job *job, struct err *err)
{
    struct buf out;
    struct guide guide = {.input = &job->input};
    if (command_describe(&guide, err) != 0)
        return -1;
    buf_init(&out, MAX_TEXT);
    int result = completion_write(job->shell, &guide, &out, err);
    if (result == 0)
        result = command_write_buffer(&out, err);
    buf_clear(&out);
    mem_free(guide.commands);
    return result;
}

static int make_man(const struct generate_job *job, struct err *err)
{
    struct buf out;
    struct guide guide = {.input = &job->input};
    if (command_describe(&guide, err) != 0)
        return -1;
    buf_init(&out, MAX_TEXT);
    manual_write(&guide, &out);
    mem_free(guide.commands);
    return command_write_buffer(&out, err);
}

#define COMPLETIONS "completions"

static const struct {
    const char *name;
    int (*make)(const struct generate_job *job, struct err *err);
} makers[] = {
    {"events", make_events},         {"security-hub", make_hub}, {"permissions", make_permissions},
    {"checks", make_checks},         {"pages", make_pages},      {"types", make_types},
    {COMPLETIONS, make_completions}, {"man", make_man},
};
#define MAKER_COUNT (sizeof makers / sizeof *makers)

static int unknown(const char *what, struct err *err)
{
    const char *names[MAKER_COUNT];
    for (size_t i = 0; i < MAKER_COUNT; i++)
        names[i] = makers[i].name;
    return suggest_refuse("engine generate", what, names, MAKER_COUNT, err);
}

static int make(const struct generate_job *job, const char *what, struct err *err)
{
    for (size_t i = 0; i < MAKER_COUNT; i++) {
        if (strcmp(makers[i].name, what) == 0)
            return makers[i].make(job, err);
    }
    return unknown(what, err);
}

static int by_type(const void *a, const void *b)
{
    const struct policy *const *one = a;
    const struct policy *const *other = b;
    return strcmp((*one)->type, (*other)->type);
}

/* The policies that --types names, each once; NULL with err if there is none of that name. */
static const struct policy **chosen(struct evaluator *evaluator, const struct text_list *types,
                                    size_t *count, struct err *err)
{
    const struct policy **list = mem_alloc((types->count + 1) * sizeof *list);
    *count = 0;
    for (size_t i = 0; i < types->count; i++) {
        const struct policy *policy = evaluator->find(evaluator->self, types->items[i]);
        if (policy == NULL) {
            words_type(evaluator, &(struct word){"--types", types->items[i], false}, err);
            mem_free(list);
            return NULL;
        }
        size_t at = 0;
        while (at < *count && list[at] != policy)
            at++;
        list[at] = policy;
        *count += at == *count;
    }
    qsort(list, *count, sizeof *list, by_type);
    return list;
}

static int make_of_chosen(struct generate_job *job, const char *what, struct err *err)
{
    const struct services *services = job->services;
    struct evaluator *evaluator = services->language->evaluator(services->host);
    const struct text_list *types = &services->settings.types;
    if (types->count == 0) {
        job->input.policies = evaluator->all(evaluator->self, &job->input.count);
        return make(job, what, err);
    }
    const struct policy **list = chosen(evaluator, types, &job->input.count, err);
    if (list == NULL)
        return -1;
    job->input.policies = list;
    int result = make(job, what, err);
    mem_free(list);
    return result;
}

static int check_words(const struct text_list *words, struct err *err)
{
    bool completions = words->count > 0 && strcmp(words->items[0], COMPLETIONS) == 0;
    if (words->count == (completions ? 2 : 1))
        return 0;
    if (completions)
        return err_set(err, ERR_USAGE,
                       "engine generate completions requires one shell: bash, zsh or fish");
    return err_set(err, ERR_USAGE,
                   "engine generate requires exactly one WHAT (see engine generate --help)");
}

static int check_usage(const struct services *services, const struct text_list *words,
                       struct err *err)
{
    const struct settings *settings = &services->settings;
    if (check_words(words, err) != 0)
        return -1;
    bool checks = strcmp(words->items[0], "checks") == 0;
    if (!settings->format_given || (settings->format == FORMAT_JSON && checks))
        return 0;
    return err_set(err, ERR_USAGE,
                   "--format: engine generate accepts only json, and only for checks");
}

static int run_generate(struct services *services, const struct text_list *words, struct err *err)
{
    struct generate_job job = {.services = services, .shell = words->items[words->count - 1]};
    return make_of_chosen(&job, words->items[0], err);
}

static const char *const generate_options[] = {"types",    "access=", "partition=", "format",
                                               "policies", "models",  "log-level",  NULL};

const struct command command_generate = {
    .name = "generate",
    .arguments = "WHAT",
    .summary = "write event patterns, permissions, tables",
    .help = "Derives a file from the policies and the commands. WHAT is one of\n"
            "  events       a JSON list of EventBridge patterns for the watched events\n"
            "  security-hub a JSON list of EventBridge patterns for findings of Security Hub\n"
            "  permissions  an IAM policy document with exactly the calls they may make\n"
            "  checks       a Markdown table of the checks; with --format json, a list\n"
            "  pages        a Markdown page about each type, with a section for each check\n"
            "  types        annotations for editors (LuaLS)\n"
            "  completions  of command lines, for the shell that follows: bash, zsh, fish\n"
            "  man          the manual page of these commands, for man(1)\n\n"
            "Writes to stdout; needs no network.\n",
    .options = generate_options,
    .words = COMMAND_WORDS,
    .choices = "events security-hub permissions checks pages types completions man",
    .check = check_usage,
    .open = services_declared,
    .run = run_generate,
};
