/* engine test [FILE|DIR…]. Serves app.c. */
#ifndef APP_CLI_CMD_TEST_H
#define APP_CLI_CMD_TEST_H

#include "app/cli/command.h"

extern const struct command command_test;

#endif
