/* engine models --services, --show SERVICE[:OPERATION]: what the compiled models say. Needs no
 * network. Serves cmd_models; calls generate/show_model.h. */
#ifndef APP_CLI_MODELS_SHOW_H
#define APP_CLI_MODELS_SHOW_H

#include <stdbool.h>

struct language;

/* Does this command line ask for it? */
bool models_show_asked(int argc, char **argv);
/* argv[0] is "models"; returns the exit status. */
int models_show_main(int argc, char **argv, const struct language *language);

#endif
