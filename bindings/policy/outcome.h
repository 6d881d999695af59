/* The result of an audit: what the drivers found becomes the JSON that the job returns, without a
 * value in between that the collector would have to free. Serves prelude_audit.lua through core;
 * calls convert. */
#ifndef BINDINGS_POLICY_OUTCOME_H
#define BINDINGS_POLICY_OUTCOME_H

#include <lua.h>

/* Adds count, evidence and outcome to the table on top. */
void outcome_open(lua_State *L);

#endif
