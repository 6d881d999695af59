/* The interactive prompt of `engine repl`: reads chunks from stdin, prints what they return; an
 * error is printed and the prompt goes on. Serves script.c. */
#ifndef BINDINGS_SCRIPT_SCRIPT_PROMPT_H
#define BINDINGS_SCRIPT_SCRIPT_PROMPT_H

#include <lua.h>

int script_prompt(lua_State *L); /* the exit status */

#endif
