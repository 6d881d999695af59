#include "app/cli/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const struct guide_option options[] = {
    {"accounts", "A,B", "accounts, org, org:ou-…, !A (ACCOUNTS)"},
    {"account", "A", "account of the resource (default: the caller's)"},
    {"regions", "R,S", "regions, or all (REGIONS; default: configured)"},
    {"region", "R", "region of the resource (default: the configured)"},
    {"profile", "NAME", "AWS profile, before keys and AWS_PROFILE"},
    {"types", "T,U", "resource types (default: all with a policy)"},
    {"checks", "CHECK,TYPE", "audit only these checks, or all of these types"},
    {"severity", "S,T", "audit only checks of these severities"},
    {"policy", "P", "a path, or a file or type in the policies directory"},
    {"resource", "ID", "the resource to audit"},
    {"sqs", "URL", "send resource lines to this queue (POLLER_SQS, SQS)"},
    {"stdout", "", "lines to stdout, even if SQS or POLLER_SQS is set"},
    {"only-use-test-resources", "", "only resources of misconfiguration_maker"},
    {"remediate", "[=true|false]", "make the repairs (REMEDIATE=true)"},
    {"dry-run", "", "plan instead of changing; wins over --remediate"},
    {"repair", "CHECK,TYPE", "what may be repaired: checks, types, all (REPAIR)"},
    {"hold-irreversible", "[=false]", "hold what cannot be undone (HOLD_IRREVERSIBLE)"},
    {"max-changes", "N", "at most N changes in this run (MAX_CHANGES)"},
    {"journal", "FILE", "file for the changes and their inverses"},
    {"config", "FILE", "settings, by the names of variables (ENGINE_CONFIG)"},
    {"policies", "DIR[:DIR]", "policies; DIR:builtin adds DIR (ENGINE_POLICIES)"},
    {"models", "DIR", "compiled API models (ENGINE_MODELS)"},
    {"exceptions", "FILE", "rules for what not to repair; also s3://, ssm:"},
    {"baseline", "FILE", "mark what is new since this report (jsonl, json)"},
    {"compliance", "NAME", "results by control: cis-5.0, fsbp, pci-dss-4.0.1, …"},
    {"fail-on", "new,S", "status 2 only for findings that are new, S or worse"},
    {"format", "F", "table, summary, jsonl, json, csv, html, sarif, …"},
    {"output", "FILE", "write to this file or s3:// object, not stdout"},
    {"scope", "FILE", "write what was asked for, by whom, with which rules"},
    {"all", "", "also write compliant findings"},
    {"explain", "", "show calls, what checks looked at, and exceptions"},
    {"steps", "", "show the calls that a repair would make"},
    {"concurrency", "N", "AWS requests in flight (default: 200)"},
    {"patience", "SECONDS", "wait for a throttling service (PATIENCE; 900)"},
    {"wait", "SECONDS", "wait for resources that are not ready (default: 0)"},
    {"no-assume-role", "", "use your own credentials (MEMBER_ROLE=none)"},
    {"record", "DIR", "record requests and responses, without secrets"},
    {"replay", "DIR", "use a recording's responses; send nothing"},
    {"quiet", "", "no progress and no hints on stderr"},
    {"log-level", "L", "error, warn, info, debug"},
    {"log-format", "F", "format of log lines: text, json (LOG_FORMAT)"},
    {"watch", "", "run again whenever a file changes"},
    {"from=", "SERVICE:OPERATION", "the operation that reads one resource"},
    {"list=", "SERVICE:OPERATION", "the operation that lists them, if several could"},
    {"access=", "read|write", "only permissions to read, or to change"},
    {"partition=", "P", "partition of the ARNs: aws, aws-cn, aws-us-gov"},
    {"out=", "DIR", "write to this directory"},
    {"name=", "NAME", "name of a single service, as policies use it"},
    {"show=", "SERVICE[:OPERATION]", "show what the models say about it"},
    {"services", "", "list the services of the models"},
    {"help", "", "print the help of the command"},
};

/* What an option does in one command, if that is not what it does in the others. */
static const struct {
    const char *command;
    struct guide_option option;
} own_options[] = {
    {"doctor", {"format", "F", "table, jsonl"}},
    {"doctor", {"remediate", "[=true|false]", "also check the permissions that repairs need"}},
    {"explain", {"format", "F", "table, json"}},
    {"generate", {"format", "F", "json, only for checks"}},
    {"test", {"format", "F", "junit"}},
    {"undo", {"format", "F", "table, jsonl"}},
};

const char *const command_common_options[] = {"config", "log-format", "help", NULL};

static const char about[] =
    "engine finds AWS security misconfigurations with Lua policies, and repairs them.\n";
static const char examples[] =
    "  engine scan --regions us-east-1                         find what is wrong\n"
    "  engine scan --regions us-east-1 --dry-run --output p    plan the repairs\n"
    "  engine apply p                                          make them\n"
    "  engine undo p.journal                                   undo them\n";
static const char statuses[] =
    "0 nothing is left to repair, 2 something is left, 1 something is unknown, failed\n"
    "or was not audited, 64 usage error. Nothing is changed without apply, undo or\n"
    "--remediate.\n";

static const struct command *const *registered;
static size_t registered_count;

void command_register(const struct command *const *commands, size_t count)
{
    registered = commands;
    registered_count = count;
}

static const struct guide_option *find_option(const char *command, const char *name)
{
    for (size_t i = 0; i < sizeof own_options / sizeof *own_options; i++) {
        if (strcmp(own_options[i].command, command) == 0 &&
            strcmp(own_options[i].option.name, name) == 0)
            return &own_options[i].option;
    }
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (strcmp(options[i].name, name) == 0)
            return &options[i];
    }
    return NULL;
}

static const char *formats(const struct command *command)
{
    if (strcmp(command->name, "generate") == 0)
        return "json";
    if (strcmp(command->name, "explain") == 0)
        return "table json";
    if (strcmp(command->name, "test") == 0)
        return "junit";
    if (strcmp(command->name, "show") == 0)
        return "table summary jsonl json csv html sarif junit markdown";
    return command->prints_no_findings ? "table jsonl" : NULL;
}

static int check_described(const struct command *command, struct err *err)
{
    for (const char *const *name = command->options; *name != NULL; name++) {
        if (find_option(command->name, *name) == NULL)
            return err_set(err, ERR_INTERNAL, "engine %s: the option %s has no description",
                           command->name, *name);
    }
    return 0;
}

int command_describe(struct guide *guide, struct err *err)
{
    static const char *const none[] = {NULL};
    for (size_t i = 0; i < registered_count; i++) {
        if (check_described(registered[i], err) != 0)
            return -1;
    }
    struct guide_command *list = mem_alloc(registered_count * sizeof *list);
    for (size_t i = 0; i < registered_count; i++) {
        const struct command *command = registered[i];
        list[i] = (struct guide_command){
            .name = command->name,
            .arguments = command->arguments,
            .summary = command->summary,
            .help = command->help,
            .choices = command->choices,
            .formats = formats(command),
            .no_arguments = command->words == COMMAND_NO_WORDS && command->main == NULL,
            .options = command->options,
            .common = command->main == NULL ? command_common_options : none,
        };
    }
    guide->about = about;
    guide->examples = examples;
    guide->statuses = statuses;
    guide->commands = list;
    guide->count = registered_count;
    guide->option = find_option;
    return 0;
}

static void print_option(const struct command *command, const char *name)
{
    char head[64];
    const struct guide_option *option = find_option(command->name, name);
    if (option == NULL)
        return;
    const char *value = option->value;
    snprintf(head, sizeof head, "--%.*s%s%s", (int)strcspn(name, "="), name,
             value[0] != '\0' && value[0] != '[' ? " " : "", value);
    printf("  %-26s %s\n", head, option->text);
}

static void print_synopsis(const struct command *command)
{
    if (command->usage != NULL)
        printf("usage: %s\n\n", command->usage);
    else
        printf("usage: engine%s%s %s%s[OPTIONS]\n\n", command->name[0] != '\0' ? " " : "",
               command->name, command->arguments, command->arguments[0] != '\0' ? " " : "");
}

void command_print_usage(const struct command *command)
{
    print_synopsis(command);
    printf("%s\noptions:\n", command->help);
    for (const char *const *option = command->options; *option != NULL; option++)
        print_option(command, *option);
    for (const char *const *option = command_common_options;
         *option != NULL && command->main == NULL; option++) {
        if (strcmp(*option, "help") != 0)
            print_option(command, *option);
    }
}

bool command_help_requested(int argc, char **argv, int from)
{
    for (int i = from; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    }
    return false;
}

int command_name_help(const char *name, struct err *err)
{
    struct err bare = *err;
    bool of_option = strncmp(bare.message, "unknown option ", strlen("unknown option ")) == 0 ||
                     bare.message[0] == '-';
    if (of_option && name[0] != '\0')
        err_set(err, bare.kind, "%.900s (see engine %s --help)", bare.message, name);
    else if (of_option)
        err_set(err, bare.kind, "%.900s (see engine --help, or engine help --policy)",
                bare.message);
    return -1;
}

static void print_row(const char *name, const char *arguments, const char *summary)
{
    char head[64];
    snprintf(head, sizeof head, "%s%s%s", name, name[0] != '\0' && arguments[0] != '\0' ? " " : "",
             arguments);
    printf("  engine %-26s %s\n", head, summary);
}

void command_print_help(void)
{
    printf("%s\ncommands:\n", about);
    for (size_t i = 0; i < registered_count; i++)
        print_row(registered[i]->name, registered[i]->arguments, registered[i]->summary);
    printf("\nFor more, see engine help COMMAND. To print the version: engine --version.\n\n"
           "start with:\n%s\nexit status:\n%s",
           examples, statuses);
}

/* ---- output ---- */

static int write_text(const char *text, struct err *err)
{
    if (fputs(text, stdout) != EOF && fflush(stdout) == 0)
        return 0;
    return err_set(err, ERR_IO, "stdout cannot be written: %s", strerror(errno));
}

int command_write_json(json_t *value, struct err *err)
{
    char *text = json_dumps(value, JSON_INDENT(2));
    char *line = mem_printf("%s\n", text);
    int result = write_text(line, err);
    mem_free(line);
    mem_free(text);
    json_decref(value);
    return result;
}

int command_write_buffer(struct buf *out, struct err *err)
{
    int result = out->failed
                     ? err_set(err, ERR_LIMIT, "the text would be longer than %zu bytes", out->max)
                     : write_text(buf_text(out), err);
    buf_clear(out);
    return result;
}
