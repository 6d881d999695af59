/* `engine run` and `engine repl`: the operator's own Lua, with the whole standard library and the
 * globals aws, sts, sqs, sns, sigv4, json, uri and arg, and lua-cjson by require "cjson". It may
 * make changes, because its session may; a call waits by running the loop. Serves language.c; calls
 * client, creds. */
#ifndef BINDINGS_SCRIPT_SCRIPT_H
#define BINDINGS_SCRIPT_SCRIPT_H

#include "policy/language.h"

/* Runs FILE, or the prompt if file is NULL. Returns the exit status (the integer that the file
 * returns, if it does), or -1 with err: ERR_CANCELLED, with the number of the signal as its status,
 * if a signal ended the script. */
int script_run(const struct script_parts *parts, const char *file, int argc, char **argv,
               struct err *err);

#endif
