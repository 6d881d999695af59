/* Which exception rules a run had, for the record of its scope. Serves the commands. */
#ifndef EXCEPTIONS_EXCEPTIONS_SCOPE_H
#define EXCEPTIONS_EXCEPTIONS_SCOPE_H

#include <jansson.h>
#include <stdbool.h>

struct exceptions;

/* New {"rules": how many, "sha256": of the file that EXCEPTIONS names (only if there is one),
 * "expired":[{"rule","reason","owner","expires"}…], "unused":[…]}. `all`: every resource was
 * audited, so a rule that matched nothing is unused; else there is no "unused". NULL: no rules. */
json_t *exceptions_scope(const struct exceptions *exceptions, bool all);

#endif
