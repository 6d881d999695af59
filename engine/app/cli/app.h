/* The command line: engine COMMAND [OPTIONS]. main.c passes in the policy language, which nothing
 * else in engine/ knows; everything below works with the evaluator that the language creates. */
#ifndef APP_CLI_APP_H
#define APP_CLI_APP_H

#include "policy/language.h"

/* The whole program; returns the exit status. */
int app_main(int argc, char **argv, const struct language *language);

#define EXIT_USAGE 64

#endif
