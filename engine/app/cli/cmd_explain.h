/* engine explain NAME: explains a check, a type, a control or a framework. Serves app.c. */
#ifndef APP_CLI_CMD_EXPLAIN_H
#define APP_CLI_CMD_EXPLAIN_H

#include "app/cli/command.h"

extern const struct command command_explain;

#endif
