/* Completion at the prompt: globals, members of tables, the services and operations of `aws`, the
 * parameters of a call, and keywords. Serves script_reader; script_complete.lua decides, with names
 * from the API models. */
#ifndef BINDINGS_SCRIPT_SCRIPT_COMPLETE_H
#define BINDINGS_SCRIPT_SCRIPT_COMPLETE_H

#include <lua.h>
#include <stddef.h>

#include "base/text_list.h"

struct model_set;

/* Pushes the function that script_complete calls. */
void script_complete_open(lua_State *L, struct model_set *models);

/* Calls the function at index. As prompt_complete (prompt/prompt.h); an error gives no words. */
size_t script_complete(lua_State *L, int index, const char *text, size_t length,
                       struct text_list *words);

#endif
