/* engine doctor: checks the set-up, and prints what is missing. Serves app.c. */
#ifndef APP_CLI_CMD_DOCTOR_H
#define APP_CLI_CMD_DOCTOR_H

#include "app/cli/command.h"

extern const struct command command_doctor;

#endif
