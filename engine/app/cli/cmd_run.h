/* engine run FILE.lua [ARG...] and engine repl: the operator's own script. The only file that may
 * say PERMIT_OPERATOR. It takes no options after the file: they are the script's. */
#ifndef APP_CLI_CMD_RUN_H
#define APP_CLI_CMD_RUN_H

#include "app/cli/app.h"

/* argv[0] is "run" or "repl". The result is the exit status. */
int cmd_run(int argc, char **argv, const struct language *language);

#endif
