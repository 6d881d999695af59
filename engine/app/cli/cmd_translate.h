/* engine translate: converts CloudTrail events to resource lines. Serves app.c. */
#ifndef APP_CLI_CMD_TRANSLATE_H
#define APP_CLI_CMD_TRANSLATE_H

#include "app/cli/command.h"

extern const struct command command_translate;

#endif
