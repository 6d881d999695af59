#include "app/cli/cmd_models.h"

#include <stdio.h>
#include <string.h>

#include "app/cli/app.h"
#include "app/cli/models_show.h"
#include "aws/model_compiler/compile.h"
#include "base/suggest.h"

static const char help[] =
    "Compiles API models in botocore's format into DIR, one file for each service.\n"
    "The engine reads them at run time (--models DIR).\n"
    "\n"
    "SRC is a data directory, as in the botocore package: the newest API version of\n"
    "each service is compiled, and endpoint data if there is a partitions.json. Or\n"
    "SRC is a single service-2.json, with paginators-1.json beside it, and --name.\n"
    "Files may be plain (.json) or compressed (.json.gz). --out is created if it does\n"
    "not exist; --quiet prints nothing on success.\n"
    "\n"
    "--show prints what the compiled models say about an operation: the members of\n"
    "its input and output, their types and listed values, its errors, AWS's page, and\n"
    "whether a policy may declare it as a read. For a service it lists operations.\n"
    "--services lists the services: the name in aws.NAME, and what AWS calls it.\n";

static const char usage[] = "engine models SRC --out DIR [OPTIONS]\n"
                            "       engine models --show SERVICE[:OPERATION] [--models DIR]\n"
                            "       engine models --services [--models DIR]";
static const char *const models_options[] = {"out=",  "name=",     "show=", "services", "models",
                                             "quiet", "log-level", "help",  NULL};

struct arguments {
    const char *source;
    const char *out;
    const char *name;
    bool quiet;
    bool help;
};

/* The value of "--out DIR" or "--out=DIR"; NULL if argv[*i] is not that option or has no value. */
static const char *option_value(int argc, char **argv, int *i, const char *option)
{
    size_t length = strlen(option);
    if (strncmp(argv[*i], option, length) != 0)
        return NULL;
    if (argv[*i][length] == '=')
        return argv[*i] + length + 1;
    return argv[*i][length] == '\0' && *i + 1 < argc ? argv[++*i] : NULL;
}

static int refuse_option(const char *word, struct err *err)
{
    static const char *const names[] = {"--out",      "--name",  "--show",
                                        "--services", "--quiet", "--help"};
    char hint[SUGGEST_TEXT];
    suggest_among(word, names, sizeof names / sizeof *names, hint);
    return err_set(err, ERR_USAGE, "unknown option %s%s", word, hint);
}

static int read_argument(struct arguments *arguments, int argc, char **argv, int *i,
                         struct err *err)
{
    const char *word = argv[*i], *value;
    if ((value = option_value(argc, argv, i, "--out")) != NULL)
        arguments->out = value;
    else if ((value = option_value(argc, argv, i, "--name")) != NULL)
        arguments->name = value;
    else if (strcmp(word, "--quiet") == 0)
        arguments->quiet = true;
    else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        arguments->help = true;
    else if (strcmp(word, "--out") == 0 || strcmp(word, "--name") == 0)
        return err_set(err, ERR_USAGE, "%s needs a value", word);
    else if (word[0] == '-')
        return refuse_option(word, err);
    else if (arguments->source != NULL)
        return err_set(err, ERR_USAGE, "only one source may be given: unexpected %s", word);
    else
        arguments->source = word;
    return 0;
}

static int read_arguments(struct arguments *arguments, int argc, char **argv, struct err *err)
{
    for (int i = 1; i < argc; i++) {
        if (read_argument(arguments, argc, argv, &i, err) != 0)
            return -1;
    }
    if (!arguments->help && (arguments->source == NULL || arguments->out == NULL))
        return err_set(err, ERR_USAGE, "SRC and --out DIR are required");
    return 0;
}

static void print_report(const struct models_report *report, const char *out)
{
    fprintf(stderr,
            "engine: compiled %zu services, %zu operations, %zu shapes%s: %.1f MB in %s, %.1f s\n",
            report->services, report->operations, report->shapes,
            report->endpoints ? ", endpoints" : "", (double)report->bytes / 1e6, out,
            (double)report->milliseconds / 1e3);
    if (report->unsupported > 0)
        fprintf(stderr, "engine: %zu of them use only protocols that the engine does not support\n",
                report->unsupported);
}

static int fail(const struct err *err)
{
    fprintf(stderr, "engine models: %s\n", err->message);
    if (err->kind != ERR_USAGE)
        return 1;
    fputs("see `engine models --help`\n", stderr);
    return EXIT_USAGE;
}

static int models_main(int argc, char **argv, const struct language *language)
{
    struct arguments arguments = {0};
    struct models_report report;
    struct err err = {0};
    if (models_show_asked(argc, argv))
        return models_show_main(argc, argv, language);
    if (read_arguments(&arguments, argc, argv, &err) != 0)
        return fail(&err);
    if (arguments.help) {
        command_print_usage(&command_models);
        return 0;
    }
    if (models_compile(arguments.source, arguments.out, arguments.name, &report, &err) != 0)
        return fail(&err);
    if (!arguments.quiet)
        print_report(&report, arguments.out);
    return 0;
}

const struct command command_models = {
    .name = "models",
    .arguments = "SRC --out DIR",
    .summary = "compile API models, or show an operation",
    .help = help,
    .options = models_options,
    .main = models_main,
    .usage = usage,
};
