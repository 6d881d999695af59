/* engine undo JOURNAL: takes back what a journal tells. Serves app.c. */
#ifndef APP_CLI_CMD_UNDO_H
#define APP_CLI_CMD_UNDO_H

#include "app/cli/command.h"

extern const struct command command_undo;

#endif
