/* The interactive prompt of `engine repl`: reads chunks from stdin and prints their results. After
 * an error it prints the message and continues. Serves script.c. */
#ifndef BINDINGS_SCRIPT_SCRIPT_PROMPT_H
#define BINDINGS_SCRIPT_SCRIPT_PROMPT_H

#include <lua.h>

int script_prompt(lua_State *L); /* the exit status */

#endif
