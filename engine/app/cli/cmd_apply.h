/* engine apply PLAN: makes the calls of a plan. Serves app.c. */
#ifndef APP_CLI_CMD_APPLY_H
#define APP_CLI_CMD_APPLY_H

#include "app/cli/command.h"

extern const struct command command_apply;

#endif
