#include "guide/manual.h"

#include <string.h>

/* Text as roff reads it: a backslash and a hyphen escaped, no line that begins as a request. */
static void add_part(struct buf *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        bool first = i == 0 || text[i - 1] == '\n';
        if (first && (text[i] == '.' || text[i] == '\''))
            buf_adds(out, "\\&");
        if (text[i] == '\\')
            buf_adds(out, "\\e");
        else if (text[i] == '-')
            buf_adds(out, "\\-");
        else
            buf_addc(out, text[i]);
    }
}

static void add_text(struct buf *out, const char *text)
{
    add_part(out, text, strlen(text));
}

/* Prose fits the page; indented lines, which are columns and examples, stay as they are. */
static void add_help(struct buf *out, const char *text)
{
    bool kept = false;
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        bool indented = *text == ' ';
        if (indented != kept)
            buf_adds(out, indented ? ".nf\n" : ".fi\n");
        kept = indented;
        if (length == 0)
            buf_adds(out, ".PP");
        add_part(out, text, length);
        buf_addc(out, '\n');
        text += length + (text[length] == '\n');
    }
    buf_adds(out, kept ? ".fi\n" : "");
}

/* With its lines as they are. */
static void add_plain(struct buf *out, const char *text)
{
    buf_adds(out, ".nf\n");
    add_text(out, text);
    buf_adds(out, ".fi\n");
}

static void add_option(const struct guide_option *option, struct buf *out)
{
    const char *value = option->value;
    buf_adds(out, ".TP\n.B \\-\\-");
    add_part(out, option->name, strcspn(option->name, "="));
    buf_adds(out, value[0] != '\0' && value[0] != '[' ? " " : "");
    add_text(out, value);
    buf_adds(out, "\n");
    add_text(out, option->text);
    buf_adds(out, "\n");
}

static void add_command(const struct guide *guide, const struct guide_command *command,
                        struct buf *out)
{
    const char *name = command->name, *arguments = command->arguments;
    buf_adds(out, ".SS \"engine ");
    add_text(out, name);
    buf_adds(out, name[0] != '\0' && arguments[0] != '\0' ? " " : "");
    add_text(out, arguments);
    buf_adds(out, "\"\n");
    add_text(out, command->summary);
    buf_adds(out, ".\n.PP\n");
    add_help(out, command->help);
    for (const char *const *option = command->options; *option != NULL; option++)
        add_option(guide->option(name, *option), out);
}

void manual_write(const struct guide *guide, struct buf *out)
{
    const struct guide_command *commands = guide->commands;
    buf_adds(out, ".\\\" Written by `engine generate man`.\n"
                  ".TH ENGINE 1 \"\" \"engine " ENGINE_VERSION "\" \"User Commands\"\n"
                  ".SH NAME\n"
                  "engine \\- find AWS security misconfigurations and repair them\n"
                  ".SH SYNOPSIS\n"
                  ".B engine\n.I COMMAND\n.RI [ OPTIONS ]\n"
                  ".SH DESCRIPTION\n");
    add_text(out, guide->about);
    buf_adds(out, "Most options have an environment variable, named in parentheses;\n"
                  ".B \\-\\-config\n"
                  "reads a file that sets these variables. Every command prints its own options\n"
                  "with\n.BR \\-\\-help .\n"
                  ".SH COMMANDS\n");
    for (size_t i = 0; i < guide->count; i++)
        add_command(guide, &commands[i], out);
    buf_adds(out, ".SH OPTIONS OF EVERY COMMAND\n");
    for (const char *const *option = commands[0].common; *option != NULL; option++)
        add_option(guide->option("", *option), out);
    buf_adds(out, ".SH EXIT STATUS\n");
    add_text(out, guide->statuses);
    buf_adds(out, ".SH EXAMPLES\n");
    add_plain(out, guide->examples);
}
