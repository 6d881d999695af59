/* `engine run` and `engine repl`: the operator's own Lua, with the whole library and the globals
 * aws, sts, sqs, sns, sigv4, json (lua-cjson), uri and arg. It may change things, since the session
 * that it is given may; calls wait by turning the loop. Serves language.c; calls client, creds. */
#ifndef BINDINGS_SCRIPT_SCRIPT_H
#define BINDINGS_SCRIPT_SCRIPT_H

#include "policy/language.h"

/* Runs FILE, or the prompt when file is NULL. The result is the exit status (what the file returns,
 * if that is an integer), or -1 with err. */
int script_run(const struct script_parts *parts, const char *file, int argc, char **argv,
               struct err *err);

#endif
