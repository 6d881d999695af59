/* engine poll: lists resources, to stdout or a queue. Serves app.c. */
#ifndef APP_CLI_CMD_POLL_H
#define APP_CLI_CMD_POLL_H

#include "app/cli/command.h"

extern const struct command command_poll;

#endif
