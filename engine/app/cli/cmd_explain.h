/* engine explain CHECK: explains a check. Serves app.c. */
#ifndef APP_CLI_CMD_EXPLAIN_H
#define APP_CLI_CMD_EXPLAIN_H

#include "app/cli/command.h"

extern const struct command command_explain;

#endif
