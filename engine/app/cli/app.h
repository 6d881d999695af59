/* The command line: engine COMMAND [OPTIONS]. main.c hands in the policy language, which nothing
 * else in engine/ knows; everything below works with the evaluator that it gives. */
#ifndef APP_CLI_APP_H
#define APP_CLI_APP_H

#include "policy/language.h"

/* The whole program; the result is the exit status. */
int app_main(int argc, char **argv, const struct language *language);

#define EXIT_USAGE 64

#endif
