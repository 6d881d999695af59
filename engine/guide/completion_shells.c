#include "guide/completion_shells.h"

#include <string.h>

#include "base/mem.h"
#include "base/suggest.h"
#include "guide/completion.h"

struct writer {
    const struct guide *guide;
    struct buf *out;
};

typedef void (*write_option)(const struct writer *writer, const struct guide_command *command,
                             const struct guide_option *option);

/* Every option that the command accepts, those of all commands included. */
static void each_option(const struct writer *writer, const struct guide_command *command,
                        write_option write)
{
    for (const char *const *name = command->options; *name != NULL; name++)
        write(writer, command, writer->guide->option(command->name, *name));
    for (const char *const *name = command->common; *name != NULL; name++)
        write(writer, command, writer->guide->option(command->name, *name));
}

static void add_words(const struct writer *writer, const char *words)
{
    char *text = completion_words(words, writer->guide->input);
    buf_adds(writer->out, text);
    mem_free(text);
}

static int name_length(const struct guide_option *option)
{
    return (int)strcspn(option->name, "=");
}

/* In single quotes of a shell. zsh also needs '[' and ']' escaped, fish a backslash. */
static void add_quoted(struct buf *out, const char *text, const char *escaped)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            buf_adds(out, "'\\''");
            continue;
        }
        if (strchr(escaped, *text) != NULL)
            buf_addc(out, '\\');
        buf_addc(out, *text);
    }
}

static void add_command_names(const struct writer *writer)
{
    const struct guide *guide = writer->guide;
    for (size_t i = 0; i < guide->count; i++) {
        if (guide->commands[i].name[0] != '\0')
            buf_addf(writer->out, "%s ", guide->commands[i].name);
    }
    buf_adds(writer->out, "help");
}

/* ---- bash ---- */

static const char bash_begin[] =
    "# Completion of engine for bash, written by `engine generate completions bash`.\n"
    "_engine_words() { # the words that begin with the last element of a list\n"
    "  local list=\n"
    "  [[ $cur == *,* ]] && list=${cur%,*},\n"
    "  mapfile -t COMPREPLY < <(compgen -P \"$list\" -W \"$1\" -- \"${cur##*,}\")\n"
    "}\n\n"
    "_engine() {\n"
    "  local cur=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command= "
    "equals=\n"
    "  COMPREPLY=()\n"
    "  if [[ $cur == = ]]; then # bash makes three words of --name=value\n"
    "    cur= equals=1\n"
    "  elif [[ $previous == = ]]; then\n"
    "    previous=${COMP_WORDS[COMP_CWORD - 2]} equals=1\n"
    "  fi\n"
    "  ((COMP_CWORD > 1)) && command=${COMP_WORDS[1]}\n"
    "  [[ $command == -* ]] && command=\n";

static void bash_value(const struct writer *writer, const struct guide_command *command,
                       const struct guide_option *option)
{
    enum completion_value value = completion_value(command, option);
    if (value == VALUE_NONE)
        return;
    const char *words = completion_values(command, option->name);
    buf_addf(writer->out, "    %s:--%.*s%s) ", command->name, name_length(option), option->name,
             value == VALUE_OPTIONAL ? ":1" : ":*");
    if (words != NULL) {
        buf_adds(writer->out, "_engine_words '");
        add_words(writer, words);
        buf_adds(writer->out, "'; ");
    } else if (value == VALUE_FOLDER) {
        buf_adds(writer->out, "compopt -o dirnames; ");
    }
    buf_adds(writer->out, "return ;;\n");
}

static void bash_option(const struct writer *writer, const struct guide_command *command,
                        const struct guide_option *option)
{
    (void)command;
    buf_addf(writer->out, " --%.*s", name_length(option), option->name);
}

static void bash_arguments(const struct writer *writer, const struct guide_command *command)
{
    buf_addf(writer->out, "    %s) options='", command->name[0] != '\0' ? command->name : "''");
    each_option(writer, command, bash_option);
    buf_adds(writer->out, command->name[0] != '\0' ? "'" : " --version'");
    if (command->name[0] == '\0') {
        buf_adds(writer->out, " words='");
        add_command_names(writer);
        buf_adds(writer->out, "'");
    } else if (command->choices != NULL) {
        buf_adds(writer->out, " words='");
        add_words(writer, command->choices);
        buf_adds(writer->out, "'");
    } else if (command->no_arguments) {
        buf_adds(writer->out, " words=$options");
    }
    buf_adds(writer->out, " ;;\n");
}

static void write_bash(const struct writer *writer)
{
    buf_adds(writer->out, bash_begin);
    buf_adds(writer->out, "  case $command:$previous:$equals in\n");
    for (size_t i = 0; i < writer->guide->count; i++)
        each_option(writer, &writer->guide->commands[i], bash_value);
    buf_adds(writer->out, "  esac\n  local options= words=\n  case $command in\n");
    for (size_t i = 0; i < writer->guide->count; i++)
        bash_arguments(writer, &writer->guide->commands[i]);
    buf_adds(writer->out, "    help) words='");
    add_command_names(writer);
    buf_adds(writer->out, "' ;;\n  esac\n"
                          "  [[ $cur == -* ]] && words=$options\n"
                          "  [[ -n $words ]] && _engine_words \"$words\"\n"
                          "  return 0\n"
                          "}\n"
                          "complete -o bashdefault -o default -F _engine engine\n");
}

/* ---- zsh ---- */

static void zsh_option(const struct writer *writer, const struct guide_command *command,
                       const struct guide_option *option)
{
    enum completion_value value = completion_value(command, option);
    const char *words = completion_values(command, option->name);
    struct buf *out = writer->out;
    buf_addf(out, "        '--%.*s%s[", name_length(option), option->name,
             value == VALUE_NONE       ? ""
             : value == VALUE_OPTIONAL ? "=-"
                                       : "=");
    add_quoted(out, option->text, "[]");
    buf_adds(out, "]");
    if (value != VALUE_NONE)
        buf_addf(out, "%s: :", value == VALUE_OPTIONAL ? ":" : "");
    if (words != NULL) {
        bool list = strchr(option->value, ',') != NULL;
        buf_adds(out, list ? "_sequence compadd - " : "(");
        add_words(writer, words);
        buf_adds(out, list ? "" : ")");
    } else if (value == VALUE_FILE) {
        buf_adds(out, "_files");
    } else if (value == VALUE_FOLDER) {
        buf_adds(out, "_files -/");
    }
    buf_adds(out, "' \\\n");
}

static void zsh_command(const struct writer *writer, const struct guide_command *command)
{
    struct buf *out = writer->out;
    buf_addf(out, "    %s)\n      _arguments \\\n", command->name);
    each_option(writer, command, zsh_option);
    if (command->choices != NULL) {
        buf_adds(out, "        '*: :(");
        add_words(writer, command->choices);
        buf_adds(out, ")'");
    } else {
        buf_adds(out, command->no_arguments ? "        ':: :'" : "        '*: :_files'");
    }
    buf_adds(out, " ;;\n");
}

static void zsh_description(const struct writer *writer, const struct guide_command *command)
{
    buf_addf(writer->out, "    '%s:", command->name);
    add_quoted(writer->out, command->summary, ":");
    buf_adds(writer->out, "'\n");
}

static void write_zsh(const struct writer *writer)
{
    struct buf *out = writer->out;
    buf_adds(out, "#compdef engine\n"
                  "# Completion of engine for zsh, written by `engine generate completions zsh`.\n"
                  "_engine() {\n  local -a commands=(\n");
    for (size_t i = 0; i < writer->guide->count; i++) {
        if (writer->guide->commands[i].name[0] != '\0')
            zsh_description(writer, &writer->guide->commands[i]);
    }
    buf_adds(out, "    'help:print the help of a command'\n  )\n"
                  "  if ((CURRENT == 2)) && [[ $PREFIX != -* ]]; then\n"
                  "    _describe command commands\n    return\n  fi\n"
                  "  local command=$words[2]\n"
                  "  if [[ $command != -* ]]; then\n"
                  "    shift words\n    ((CURRENT--))\n  fi\n"
                  "  case $command in\n");
    for (size_t i = 0; i < writer->guide->count; i++) {
        if (writer->guide->commands[i].name[0] != '\0')
            zsh_command(writer, &writer->guide->commands[i]);
    }
    buf_adds(out, "    help) _describe command commands ;;\n    -*)\n      _arguments \\\n");
    for (size_t i = 0; i < writer->guide->count; i++) {
        if (writer->guide->commands[i].name[0] == '\0')
            each_option(writer, &writer->guide->commands[i], zsh_option);
    }
    buf_adds(out, "        '--version[print the version]' ;;\n  esac\n}\n_engine \"$@\"\n");
}

/* ---- fish ---- */

static void fish_condition(const struct writer *writer, const struct guide_command *command)
{
    struct buf *out = writer->out;
    if (command->name[0] != '\0') {
        buf_addf(out, "complete -c engine -n '__fish_seen_subcommand_from %s'", command->name);
        return;
    }
    buf_adds(out, "complete -c engine -n 'not __fish_seen_subcommand_from ");
    add_command_names(writer);
    buf_adds(out, "'");
}

static void fish_option(const struct writer *writer, const struct guide_command *command,
                        const struct guide_option *option)
{
    struct buf *out = writer->out;
    enum completion_value value = completion_value(command, option);
    fish_condition(writer, command);
    buf_addf(out, " -l %.*s", name_length(option), option->name);
    if (value == VALUE_WORDS) {
        buf_adds(out, " -x -a '");
        add_words(writer, completion_values(command, option->name));
        buf_adds(out, "'");
    } else if (value == VALUE_FOLDER) {
        buf_adds(out, " -x -a '(__fish_complete_directories)'");
    } else if (value == VALUE_FILE || value == VALUE_ANY) {
        buf_adds(out, value == VALUE_FILE ? " -r" : " -x");
    }
    buf_adds(out, " -d '");
    add_quoted(out, option->text, "\\");
    buf_adds(out, "'\n");
}

static void fish_command(const struct writer *writer, const struct guide_command *command)
{
    struct buf *out = writer->out;
    if (command->name[0] != '\0') {
        buf_addf(out, "complete -c engine -n __fish_use_subcommand -f -a %s -d '", command->name);
        add_quoted(out, command->summary, "\\");
        buf_adds(out, "'\n");
    }
    if (command->choices != NULL) {
        fish_condition(writer, command);
        buf_adds(out, " -f -a '");
        add_words(writer, command->choices);
        buf_adds(out, "'\n");
    }
    each_option(writer, command, fish_option);
}

static void write_fish(const struct writer *writer)
{
    struct buf *out = writer->out;
    buf_adds(out,
             "# Completion of engine for fish, written by `engine generate completions fish`.\n");
    for (size_t i = 0; i < writer->guide->count; i++)
        fish_command(writer, &writer->guide->commands[i]);
    buf_adds(out, "complete -c engine -n __fish_use_subcommand -f -a help -d 'print the help'\n"
                  "complete -c engine -n '__fish_seen_subcommand_from help' -f -a '");
    add_command_names(writer);
    buf_adds(out, "'\ncomplete -c engine -n __fish_use_subcommand -l version -d "
                  "'print the version'\n");
}

/* ---- */

static const struct {
    const char *name;
    void (*write)(const struct writer *writer);
} shells[] = {{"bash", write_bash}, {"zsh", write_zsh}, {"fish", write_fish}};
#define SHELL_COUNT (sizeof shells / sizeof *shells)

int completion_write(const char *shell, const struct guide *guide, struct buf *out, struct err *err)
{
    const char *names[SHELL_COUNT];
    for (size_t i = 0; i < SHELL_COUNT; i++) {
        names[i] = shells[i].name;
        if (strcmp(shells[i].name, shell) == 0) {
            shells[i].write(&(struct writer){guide, out});
            return 0;
        }
    }
    return suggest_refuse("engine generate completions", shell, names, SHELL_COUNT, err);
}
