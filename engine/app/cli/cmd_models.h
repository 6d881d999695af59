/* engine models SRC --out DIR [--name NAME]: compiles API models. It needs no configuration, no
 * network and no compiled models, so it is separate from the other commands. */
#ifndef APP_CLI_CMD_MODELS_H
#define APP_CLI_CMD_MODELS_H

#include "app/cli/command.h"

extern const struct command command_models;

#endif
