/* engine remediate, engine plan, and one resource with one policy (--policy, --resource): audits
 * the resources it is given, and plans or makes repairs. Serves app.c. */
#ifndef APP_CLI_CMD_REMEDIATE_H
#define APP_CLI_CMD_REMEDIATE_H

#include "app/cli/command.h"

extern const struct command command_remediate, command_plan, command_single;

#endif
