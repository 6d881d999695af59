#include "app/cli/command.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    const char *value;
    const char *text;
} options[] = {
    {"accounts", "A,B", "accounts, org, org:ou-…, !A (ACCOUNTS)"},
    {"account", "A", "account of the resource (else the caller's own)"},
    {"regions", "R,S", "regions (REGIONS; else the configured one)"},
    {"region", "R", "region of the resource (else the configured one)"},
    {"types", "T,U", "resource types (default: all that have a policy)"},
    {"checks", "CHECK,TYPE", "audit only these checks, and these types' checks"},
    {"severity", "S,T", "audit only checks of these severities"},
    {"policy", "P", "a path, or a file or type of the policies folder"},
    {"resource", "ID", "the resource to audit"},
    {"sqs", "URL", "send resource lines to this queue (POLLER_SQS, SQS)"},
    {"stdout", "", "lines to stdout, whatever the environment says"},
    {"only-use-test-resources", "", "only what misconfiguration_maker made"},
    {"remediate", "[=true|false]", "make the fixes (REMEDIATE=true)"},
    {"dry-run", "", "plan instead of changing; wins over --remediate"},
    {"repair", "CHECK,TYPE", "what may be repaired, or all (REPAIR)"},
    {"hold-irreversible", "[=false]", "hold what cannot be undone (HOLD_IRREVERSIBLE)"},
    {"max-changes", "N", "at most N changes in this run (MAX_CHANGES)"},
    {"journal", "FILE", "where changes and their inverses are written"},
    {"policies", "DIR", "policy files (ENGINE_POLICIES)"},
    {"models", "DIR", "compiled API models (ENGINE_MODELS)"},
    {"exceptions", "FILE", "rules of what to leave alone (EXCEPTIONS)"},
    {"baseline", "FILE", "mark what is new since this report (jsonl, json)"},
    {"compliance", "NAME", "results by control: cis-5.0, fsbp, pci-dss-4.0.1, …"},
    {"fail-on", "new,S", "exit status 2 only for what is new, severity S up"},
    {"format", "F", "table, summary, jsonl, json, csv, html, sarif, …"},
    {"output", "FILE", "write there instead of stdout"},
    {"all", "", "compliant findings too"},
    {"explain", "", "say which exceptions match, and which nearly do"},
    {"steps", "", "an audit's findings say what a repair would call"},
    {"concurrency", "N", "AWS requests in flight, 200"},
    {"patience", "SECONDS", "wait for a service that throttles (PATIENCE), 900"},
    {"wait", "SECONDS", "wait so long for what is not ready, 0"},
    {"no-assume-role", "", "your own credentials, account (MEMBER_ROLE=none)"},
    {"record", "DIR", "keep requests and answers there, without secrets"},
    {"replay", "DIR", "answer from there; nothing is sent or changed"},
    {"quiet", "", "no progress and no hints on stderr"},
    {"log-level", "L", "error, warn, info, debug"},
    {"access=", "read|write", "only what reading, or changing, needs"},
    {"partition=", "P", "of the ARNs: aws, aws-cn, aws-us-gov"},
};

static void print_option(const char *name)
{
    char head[64];
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (strcmp(options[i].name, name) != 0)
            continue;
        const char *value = options[i].value;
        snprintf(head, sizeof head, "--%.*s%s%s", (int)strcspn(name, "="), name,
                 value[0] != '\0' && value[0] != '[' ? " " : "", value);
        printf("  %-26s %s\n", head, options[i].text);
    }
}

void command_print_usage(const struct command *command)
{
    printf("usage: engine%s%s %s%s[OPTIONS]\n\n%s\noptions:\n", command->name[0] != '\0' ? " " : "",
           command->name, command->arguments, command->arguments[0] != '\0' ? " " : "",
           command->help);
    for (const char *const *option = command->options; *option != NULL; option++)
        print_option(*option);
}

static void print_row(const char *name, const char *arguments, const char *summary)
{
    char head[64];
    snprintf(head, sizeof head, "%s%s%s", name, name[0] != '\0' && arguments[0] != '\0' ? " " : "",
             arguments);
    printf("  engine %-26s %s\n", head, summary);
}

void command_print_help(const struct command *const *commands, size_t count)
{
    puts("engine finds AWS security misconfigurations by Lua policies, and repairs them.\n\n"
         "commands:");
    for (size_t i = 0; i < count; i++)
        print_row(commands[i]->name, commands[i]->arguments, commands[i]->summary);
    puts("\nengine COMMAND --help says more; engine --version.\n\n"
         "start with:\n"
         "  engine scan --regions us-east-1                         what is wrong\n"
         "  engine scan --regions us-east-1 --dry-run --output p    what would change\n"
         "  engine apply p                                          change it\n"
         "  engine undo p.journal                                   take it back\n\n"
         "exit status: 0 nothing is left, 2 something is left, 1 something is unknown,\n"
         "failed or was not looked at, 64 usage. Nothing is ever changed\n"
         "without apply, undo or --remediate.");
}
