/* engine run FILE.lua [ARG...] and engine repl: the operator's own script. The only file that may
 * use PERMIT_OPERATOR. Words after the file are arguments of the script, not options. */
#ifndef APP_CLI_CMD_RUN_H
#define APP_CLI_CMD_RUN_H

#include "app/cli/command.h"

extern const struct command command_run;
extern const struct command command_repl;

#endif
