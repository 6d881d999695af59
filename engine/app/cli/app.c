#include "app/cli/app.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/cli/cmd_apply.h"
#include "app/cli/cmd_check.h"
#include "app/cli/cmd_doctor.h"
#include "app/cli/cmd_explain.h"
#include "app/cli/cmd_generate.h"
#include "app/cli/cmd_models.h"
#include "app/cli/cmd_new.h"
#include "app/cli/cmd_poll.h"
#include "app/cli/cmd_remediate.h"
#include "app/cli/cmd_run.h"
#include "app/cli/cmd_scan.h"
#include "app/cli/cmd_show.h"
#include "app/cli/cmd_test.h"
#include "app/cli/cmd_translate.h"
#include "app/cli/cmd_undo.h"
#include "app/cli/command.h"
#include "app/lambda/lambda.h"
#include "app/services/services_signals.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/suggest.h"
#include "settings/settings_fields.h"

static const struct command *const commands[] = {
    &command_scan,    &command_poll,     &command_translate, &command_remediate, &command_plan,
    &command_show,    &command_apply,    &command_undo,      &command_doctor,    &command_check,
    &command_explain, &command_generate, &command_new,       &command_test,      &command_single,
    &command_run,     &command_repl,     &command_models,
};
#define COMMAND_COUNT (sizeof commands / sizeof *commands)

#define MAX_OPTIONS 60

static int first_argument(const struct command *command)
{
    return command->name[0] != '\0' ? 2 : 1;
}

static void add_options(const char **allowed, const char *const *options)
{
    size_t count = 0;
    while (allowed[count] != NULL)
        count++;
    for (size_t i = 0; options[i] != NULL && count < MAX_OPTIONS; i++)
        allowed[count++] = options[i];
}

static int read_settings(struct services *services, const struct command *command, int argc,
                         char **argv, struct text_list *words, struct err *err)
{
    const char *allowed[MAX_OPTIONS + 1] = {NULL};
    add_options(allowed, command->options);
    add_options(allowed, command_common_options);
    if (services_settings(services, argc, argv, first_argument(command), allowed, words, err) != 0)
        return command_name_help(command->name, err);
    return 0;
}

static bool takes_list(const char *option, size_t length)
{
    char *name = mem_strndup(option, length);
    const struct field *field = settings_field(name);
    mem_free(name);
    return field != NULL && (field->kind == FIELD_LIST || field->kind == FIELD_ACCOUNTS ||
                             field->kind == FIELD_REGIONS);
}

/* ": write --regions A,B" if the word stands behind the value of an option that takes a list, else
 * "". Free it with mem_free. */
static char *list_hint(int argc, char **argv, const char *word)
{
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) != 0)
            continue;
        const char *option = argv[i] + 2, *value = strchr(option, '=');
        if (!takes_list(option, strcspn(option, "=")))
            continue;
        int at = value != NULL ? i + 1 : i + 2;
        if (at < argc && strcmp(argv[at], word) == 0)
            return mem_printf(": write --%.*s %s,%s", (int)strcspn(option, "="), option,
                              value != NULL ? value + 1 : argv[i + 1], word);
    }
    return mem_strdup("");
}

static int refuse_word(const struct command *command, int argc, char **argv, const char *word,
                       struct err *err)
{
    char *hint = list_hint(argc, argv, word);
    err_set(err, ERR_USAGE, "engine %s: unexpected argument \"%s\"%s (see engine %s --help)",
            command->name, word, hint, command->name);
    mem_free(hint);
    return -1;
}

static int check_words(const struct command *command, int argc, char **argv,
                       const struct text_list *words, struct err *err)
{
    if (command->words == COMMAND_NO_WORDS && words->count > 0)
        return refuse_word(command, argc, argv, words->items[0], err);
    if (command->words == COMMAND_ONE_WORD && words->count != 1)
        return err_set(err, ERR_USAGE, "engine %s requires exactly one %s (see engine %s --help)",
                       command->name, command->arguments, command->name);
    return 0;
}

static int check_format(const struct command *command, enum settings_format format, struct err *err)
{
    if (!command->prints_no_findings || format == FORMAT_TABLE || format == FORMAT_JSONL)
        return 0;
    return err_set(err, ERR_USAGE, "--format: engine %s accepts only table and jsonl",
                   command->name);
}

/* The steps of every command, as its table says. */
static int run_command(struct services *services, const struct command *command, int argc,
                       char **argv, struct err *err)
{
    struct text_list words = {0};
    int status = read_settings(services, command, argc, argv, &words, err);
    if (status == 0)
        status = check_words(command, argc, argv, &words, err);
    if (status == 0)
        status = check_format(command, services->settings.format, err);
    if (status == 0 && command->check != NULL)
        status = command->check(services, &words, err);
    if (status == 0 && command->open != NULL)
        status = command->open(services, err);
    if (status == 0)
        status = command->run(services, &words, err);
    text_list_clear(&words);
    return status;
}

static int start_command(const struct command *command, int argc, char **argv,
                         const struct language *language)
{
    struct services services = {.language = language};
    struct err err = {0};
    if (command_help_requested(argc, argv, first_argument(command))) {
        command_print_usage(command);
        return 0;
    }
    int status = run_command(&services, command, argc, argv, &err);
    bool reader_left = services.signal == SIGPIPE;
    services_free(&services);
    if (reader_left)
        services_end_by_pipe();
    if (status >= 0)
        return status;
    log_error("%s", err.message);
    return err.kind == ERR_USAGE ? EXIT_USAGE : 1;
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(commands[i]->name, name) == 0 && name[0] != '\0')
            return commands[i];
    }
    return NULL;
}

/* In a function's container image, a word that is not a command was meant to name a handler. */
static int unknown_command(const char *name)
{
    struct suggest suggest;
    char hint[SUGGEST_TEXT];
    suggest_init(&suggest, name);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        suggest_offer(&suggest, commands[i]->name);
    suggest_offer(&suggest, "help");
    suggest_offer(&suggest, "--version");
    if (getenv("AWS_LAMBDA_RUNTIME_API") != NULL)
        lambda_suggest(&suggest);
    suggest_text(&suggest, hint);
    log_error("unknown command \"%s\"%s (see engine --help)", name, hint);
    return EXIT_USAGE;
}

/* If a standard descriptor is closed at the start, the next file or connection would get its
 * number, and output would go there. Opening /dev/null in the other direction makes each use an
 * error. */
static void hold_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) == -1)
            (void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
}

static int start(int argc, char **argv, const struct language *language)
{
    const char *name = argv[1];
    const struct command *command = name[0] == '-' ? &command_single : find_command(name);
    if (command == NULL)
        return unknown_command(name);
    if (command->main != NULL)
        return command->main(argc - 1, argv + 1, language);
    return start_command(command, argc, argv, language);
}

static bool is_help(const char *name)
{
    return strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0;
}

/* engine help [COMMAND]; a command prints its own help. `engine help --policy` is the help of the
 * command without a name. */
static int help(int argc, char **argv, const struct language *language)
{
    static char option[] = "--help";
    if (argc < 3 || is_help(argv[2])) {
        command_print_help();
        return argc > 1 ? 0 : EXIT_USAGE;
    }
    if (argv[2][0] == '-') {
        command_print_usage(&command_single);
        return 0;
    }
    char *words[] = {argv[0], argv[2], option, NULL};
    return start(3, words, language);
}

int app_main(int argc, char **argv, const struct language *language)
{
    const char *name = argc > 1 ? argv[1] : "--help";
    hold_standard_descriptors();
    command_register(commands, COMMAND_COUNT);
    /* A write beyond the file size limit must fail, not kill the process in the middle of a
     * change. */
    signal(SIGXFSZ, SIG_IGN);
    const char *runtime_api = getenv("AWS_LAMBDA_RUNTIME_API");
    if (runtime_api != NULL && (argc < 2 || (argc == 2 && lambda_serves(name))))
        return lambda_main(argc > 1 ? name : getenv("_HANDLER"), runtime_api, argv, language);
    if (is_help(name))
        return help(argc, argv, language);
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
        puts("engine " ENGINE_VERSION);
        return 0;
    }
    return start(argc, argv, language);
}
