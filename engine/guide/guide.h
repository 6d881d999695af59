/* What the command line consists of, as the command line itself describes it for --help. Serves the
 * files of this room, which write completions and the manual page, and command.c, which fills it.
 */
#ifndef GUIDE_GUIDE_H
#define GUIDE_GUIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "generate/generate.h"

struct guide_option {
    const char *name;  /* "access=" is an option of one command, which takes a value */
    const char *value; /* "FILE"; "[=false]" may be omitted; "" for none */
    const char *text;
};

struct guide_command {
    const char *name;      /* "" of the command that options alone name */
    const char *arguments; /* "PLAN", "" */
    const char *summary;
    const char *help;
    const char *choices; /* what the arguments may be, see completion.h; NULL: files */
    const char *formats; /* the values of --format; NULL: all */
    bool no_arguments;
    const char *const *options; /* NULL-terminated, as `common` */
    const char *const *common;  /* options of every command; empty if it has none of them */
};

struct guide {
    const char *about, *examples, *statuses;
    struct guide_command *commands;
    size_t count;
    /* As the command of that name has it. */
    const struct guide_option *(*option)(const char *command, const char *name);
    const struct generate_input *input; /* the policies whose types and checks are words */
};

#endif
