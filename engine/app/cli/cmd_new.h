/* engine new TYPE --from SERVICE:OPERATION. Serves app.c. */
#ifndef APP_CLI_CMD_NEW_H
#define APP_CLI_CMD_NEW_H

#include "app/cli/command.h"

extern const struct command command_new;

#endif
