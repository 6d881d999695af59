/* engine check [P...]: validates policy files without the network. Serves app.c. */
#ifndef APP_CLI_CMD_CHECK_H
#define APP_CLI_CMD_CHECK_H

#include "app/cli/command.h"

extern const struct command command_check;

#endif
