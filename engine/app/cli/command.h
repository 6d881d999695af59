/* The table of commands, and what they share. Serves app_main; each command is a file of its own.
 */
#ifndef APP_CLI_COMMAND_H
#define APP_CLI_COMMAND_H

#include "app/cli/app.h"
#include "app/services/services.h"

struct command {
    const char *name;
    const char *arguments;      /* "PLAN", "" */
    const char *summary;        /* one line */
    const char *help;           /* the rest of --help */
    const char *const *options; /* taken, NULL-ended */
    bool takes_arguments;       /* otherwise words beside options are an error */
    /* rest: what is no option. The result is the exit status; on -1 err is printed and the status
     * follows from its kind. */
    int (*run)(struct services *services, const struct text_list *rest, struct err *err);
};

/* What the help of poll and scan says of accounts and regions. */
#define COMMAND_PLACES                                                                             \
    "--accounts org and org:ou-… mean the active accounts of the organization or of a\n"         \
    "unit, listed through ORGANIZATION_ACCOUNT; !111122223333 leaves one out.\n"                   \
    "Without --accounts: the caller's own; without --regions: the configured one.\n"

/* All of the program's help, or one command's, to stdout. */
void command_print_help(const struct command *const *commands, size_t count);
void command_print_usage(const struct command *command);

/* Exactly one argument, else ERR_USAGE: "engine apply needs a PLAN". */
const char *command_only_argument(const struct command *command, const struct text_list *rest,
                                  struct err *err);

#endif
