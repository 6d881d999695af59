/* Limits the size of texts and values that a policy returns about a resource: a finding is a line
 * of a report, a message and a log line. A value that is too long is cut or left out of that
 * finding, and the finding says so. Serves prelude.lua through core; calls convert. */
#ifndef BINDINGS_POLICY_BOUNDED_H
#define BINDINGS_POLICY_BOUNDED_H

#include <jansson.h>
#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

#define BOUNDED_SUMMARY 1024          /* bytes of a summary */
#define BOUNDED_EVIDENCE (256u << 10) /* bytes of evidence as JSON */
#define BOUNDED_OTHER (1u << 20)      /* of tags, and of the steps of a check: refused if longer */

/* Is the value longer than this as JSON? */
bool bounded_exceeds(const json_t *value, size_t most);
/* Adds summary and bounded to the table on top. */
void bounded_open(lua_State *L);

#endif
