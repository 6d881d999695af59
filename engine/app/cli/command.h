/* The type of a command, and what the commands share. Serves app_main; each command has its own
 * file. */
#ifndef APP_CLI_COMMAND_H
#define APP_CLI_COMMAND_H

#include "app/cli/app.h"
#include "app/services/services.h"

struct command {
    const char *name;
    const char *arguments;      /* "PLAN", "" */
    const char *summary;        /* one line */
    const char *help;           /* the rest of --help */
    const char *const *options; /* accepted options, NULL-terminated */
    bool takes_arguments;       /* if false, words that are not options are an error */
    /* rest: the words that are not options. Returns the exit status; on -1, err is printed and its
     * kind determines the status. */
    int (*run)(struct services *services, const struct text_list *rest, struct err *err);
};

/* Help text of poll and scan about accounts and regions. */
#define COMMAND_PLACES                                                                             \
    "--accounts org and org:ou-… mean the active accounts of the organization or of a\n"         \
    "unit, listed through ORGANIZATION_ACCOUNT; !111122223333 leaves one out.\n"                   \
    "Without --accounts: the caller's own; without --regions: the configured one.\n"

/* Prints the help of the program, or of one command, to stdout. */
void command_print_help(const struct command *const *commands, size_t count);
void command_print_usage(const struct command *command);

/* Returns the only argument; if there is not exactly one, ERR_USAGE: "engine apply needs a
 * PLAN". */
const char *command_only_argument(const struct command *command, const struct text_list *rest,
                                  struct err *err);

#endif
