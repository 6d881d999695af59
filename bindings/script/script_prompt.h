/* The interactive prompt of `engine repl`: reads statements and prints their results. After
 * an error it prints the message and continues. Serves script.c. */
#ifndef BINDINGS_SCRIPT_SCRIPT_PROMPT_H
#define BINDINGS_SCRIPT_SCRIPT_PROMPT_H

#include <lua.h>

struct model_set;

int script_prompt(lua_State *L, struct model_set *models); /* the exit status */

#endif
