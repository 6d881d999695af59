/* engine generate events|permissions|checks|types: output derived from the policies. Serves
 * app.c. */
#ifndef APP_CLI_CMD_GENERATE_H
#define APP_CLI_CMD_GENERATE_H

#include "app/cli/command.h"

extern const struct command command_generate;

#endif
