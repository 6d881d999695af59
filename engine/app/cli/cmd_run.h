/* engine run FILE.lua [ARG...] and engine repl: the operator's own script. The only file that may
 * use PERMIT_OPERATOR. Words after the file are arguments of the script, not options. */
#ifndef APP_CLI_CMD_RUN_H
#define APP_CLI_CMD_RUN_H

#include "app/cli/app.h"

/* argv[0] is "run" or "repl". Returns the exit status. */
int cmd_run(int argc, char **argv, const struct language *language);

#endif
