#include "app/cli/cmd_run.h"

#include <stdio.h>
#include <string.h>

#include "app/cli/command.h"
#include "app/services/recording.h"
#include "app/services/services_policies.h"
#include "base/log.h"
#include "base/mem.h"

static const char *const run_options[] = {
    "region",    "profile", "models", "policies", "concurrency", "patience",   "quiet",
    "log-level", "record",  "replay", "help",     "config",      "log-format", NULL};

static const char help[] =
    "Runs a Lua script with the bindings: aws, sts, sqs, sns, sigv4, json, uri, arg;\n"
    "docs/bindings.md describes them, and require \"cjson\" loads lua-cjson.\n"
    "It may change things: it acts for you, with your own credentials.\n\n"
    "  aws.sqs:ListQueues{}                          one call; the result is a table\n"
    "  for page in aws.sqs:pages(\"ListQueues\", {}) do … end\n"
    "  aws:in_region(\"eu-west-1\"), aws:in_account(\"111122223333\")\n\n"
    "Options stand before FILE; what follows it are arguments of the script.\n\n"
    "At the prompt of engine repl, Tab completes and Up recalls. What is typed stays\n"
    "in ~/.local/state/engine/history; ENGINE_HISTORY names another file, or none.\n";

static const char usage[] = "engine run [OPTIONS] FILE.lua [ARG...]\n       engine repl [OPTIONS]";

/* The options end where the name of the script begins. */
static int own_arguments(int argc, char **argv)
{
    int i = 1;
    while (i < argc && argv[i][0] == '-' && strcmp(argv[i], "--") != 0) {
        bool has_value = strchr(argv[i], '=') == NULL && strcmp(argv[i], "--help") != 0 &&
                         strcmp(argv[i], "-h") != 0 && strcmp(argv[i], "--quiet") != 0;
        i += has_value ? 2 : 1;
    }
    return i < argc ? i : argc;
}

static int run_script(struct services *services, const char *file, int argc, char **argv,
                      struct err *err)
{
    const struct settings *settings = &services->settings;
    const struct session session = {
        .account = "", .provider = services->provider, .permit = PERMIT_OPERATOR};
    char *lib_dir = services_lib_dir(services);
    const struct script_parts parts = {.loop = services->loop,
                                       .client = services->client,
                                       .creds_env = &services->creds_env,
                                       .provider = services->provider,
                                       .operator_session = &session,
                                       .region = settings->region,
                                       .member_role = settings->member_role,
                                       .external_id = settings->external_id,
                                       .lib_dir = lib_dir};
    int status = services->language->script(&parts, file, argc, argv, err);
    mem_free(lib_dir);
    return status;
}

static int start(struct services *services, int argc, char **argv, struct err *err)
{
    struct text_list rest = {0};
    bool repl = strcmp(argv[0], "repl") == 0;
    int own = own_arguments(argc, argv);
    if (command_help_requested(own, argv, 1)) {
        command_print_usage(repl ? &command_repl : &command_run);
        return 0;
    }
    int result = services_settings(services, own, argv, 1, run_options, &rest, err);
    text_list_clear(&rest);
    if (result != 0)
        return command_name_help(argv[0], err);
    if (own < argc && strcmp(argv[own], "--") == 0)
        own++;
    if (!repl && own >= argc)
        return err_set(err, ERR_USAGE, "engine run needs a FILE.lua (see engine run --help)");
    if (services_connect(services, err) != 0)
        return -1;
    int status = run_script(services, repl ? NULL : argv[own], argc - own, argv + own, err);
    recording_finish(services);
    return status == 0 && services->failed ? 1 : status;
}

/* An error in a script has several lines; every other message has one. */
static void print_error(const char *message)
{
    const char *rest = strstr(message, "\nstack traceback:");
    char *first = mem_strndup(message, rest != NULL ? (size_t)(rest - message) : strlen(message));
    log_error("%s", first);
    mem_free(first);
    for (; rest != NULL; rest = strchr(rest, '\n')) {
        size_t length = strcspn(++rest, "\n");
        fputs("  ", stderr);
        for (size_t i = 0; i < length; i++)
            fputc((unsigned char)rest[i] < ' ' ? ' ' : rest[i], stderr);
        fputc('\n', stderr);
    }
}

static int run_main(int argc, char **argv, const struct language *language)
{
    struct services services = {.language = language};
    struct err err = {0};
    int status = start(&services, argc, argv, &err);
    services_free(&services);
    if (status >= 0)
        return status;
    print_error(err.message);
    if (err.kind == ERR_CANCELLED)
        return 128 + err.status;
    return err.kind == ERR_USAGE ? EXIT_USAGE : 1;
}

const struct command command_run = {
    .name = "run",
    .arguments = "FILE.lua [ARG...]",
    .summary = "your own Lua script with signed AWS calls",
    .help = help,
    .options = run_options,
    .main = run_main,
    .usage = usage,
};

const struct command command_repl = {
    .name = "repl",
    .arguments = "",
    .summary = "the same, interactively",
    .help = help,
    .options = run_options,
    .main = run_main,
    .usage = usage,
};
