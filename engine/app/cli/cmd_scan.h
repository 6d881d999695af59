/* engine scan: lists and audits in one process. Serves app.c. */
#ifndef APP_CLI_CMD_SCAN_H
#define APP_CLI_CMD_SCAN_H

#include "app/cli/command.h"

extern const struct command command_scan;

#endif
