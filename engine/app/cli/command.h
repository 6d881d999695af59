/* The type of a command, and what the commands share. Serves app_main; each command has its own
 * file. */
#ifndef APP_CLI_COMMAND_H
#define APP_CLI_COMMAND_H

#include "app/cli/app.h"
#include "app/services/services.h"
#include "guide/guide.h"

enum command_words { COMMAND_NO_WORDS, COMMAND_ONE_WORD, COMMAND_WORDS };

struct command {
    const char *name;
    const char *arguments;      /* "PLAN", "" */
    const char *summary;        /* one line */
    const char *help;           /* the rest of --help */
    const char *const *options; /* accepted options, NULL-terminated */
    enum command_words words;   /* how many words that are not options it takes */
    bool prints_no_findings;    /* so --format accepts only table and jsonl */
    /* Refuses options that contradict each other; before anything is opened. NULL: none do. */
    int (*check)(const struct services *services, const struct text_list *words, struct err *err);
    /* Opens what the command needs, before it runs. NULL: it opens that itself. */
    int (*open)(struct services *services, struct err *err);
    /* words: those that are not options. Returns the exit status; on -1, err is printed and its
     * kind determines the status. */
    int (*run)(struct services *services, const struct text_list *words, struct err *err);
    /* Replaces `words` and what follows: reads its own options, from argv[0], its name; `options`
     * has all of them. */
    int (*main)(int argc, char **argv, const struct language *language);
    const char *usage;   /* NULL: made of name and arguments */
    const char *choices; /* what the arguments may be, see guide/completion.h; NULL: files */
};

/* Every command without a `main` accepts these, which are not in `options`; NULL-terminated. */
extern const char *const command_common_options[];
/* Call it once, before anything prints help. */
void command_register(const struct command *const *commands, size_t count);
/* The descriptions of all commands; free `guide->commands` with mem_free. ERR_INTERNAL if an option
 * has no description. */
int command_describe(struct guide *guide, struct err *err);

/* Help text of poll and scan about accounts and regions. */
#define COMMAND_SELECTION                                                                          \
    "--accounts org and org:ou-… select the active accounts of the organization or of\n"         \
    "an organizational unit, which ORGANIZATION_ACCOUNT lists; !111122223333 excludes\n"           \
    "an account. --regions all selects the regions that are enabled in each account.\n"            \
    "The default is the caller's own account, and the configured region.\n"

/* Do the arguments from this one on request help? It is printed before settings are read: it must
 * not depend on whether they are right. */
bool command_help_requested(int argc, char **argv, int from);
/* Adds to an error about an option which command prints the options; "" is the command without a
 * name. Returns -1. */
int command_name_help(const char *name, struct err *err);
/* Prints the help of the program, or of one command, to stdout. */
void command_print_help(void);
void command_print_usage(const struct command *command);

/* Write to stdout; they own the value and the buffer. ERR_IO, or ERR_LIMIT if the buffer was too
 * small. */
int command_write_json(json_t *value, struct err *err);
int command_write_buffer(struct buf *out, struct err *err);

#endif
