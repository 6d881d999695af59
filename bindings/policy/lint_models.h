/* lint.lua's queries about the API models, the settings and the sandbox. Serves lint.c. */
#ifndef BINDINGS_POLICY_LINT_MODELS_H
#define BINDINGS_POLICY_LINT_MODELS_H

#include <lua.h>

/* Adds the functions to the table on top. */
void lint_models_open(lua_State *L);

#endif
