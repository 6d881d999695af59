/* engine models SRC --out DIR [--name NAME]: compiles API models. Needs no configuration, no
 * network and no models of its own, hence stands apart from the commands that do. */
#ifndef APP_CLI_CMD_MODELS_H
#define APP_CLI_CMD_MODELS_H

/* argv[0] is "models". The result is the exit status. */
int cmd_models(int argc, char **argv);

#endif
