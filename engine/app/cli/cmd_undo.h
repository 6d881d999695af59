/* engine undo JOURNAL: undoes the changes that a journal records. Serves app.c. */
#ifndef APP_CLI_CMD_UNDO_H
#define APP_CLI_CMD_UNDO_H

#include "app/cli/command.h"

extern const struct command command_undo;

#endif
