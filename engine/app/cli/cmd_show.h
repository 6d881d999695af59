/* engine show. */
#ifndef APP_CLI_CMD_SHOW_H
#define APP_CLI_CMD_SHOW_H

#include "app/cli/command.h"

extern const struct command command_show;

#endif
