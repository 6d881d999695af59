/* The set of rules: its content, and when a rule expires. Serves the readers of rules
 * (exceptions_file, exceptions_variables) and the files that match them. The lowest file of this
 * room. */
#ifndef EXCEPTIONS_EXCEPTIONS_RULES_H
#define EXCEPTIONS_EXCEPTIONS_RULES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct exceptions;
struct rule;

/* The region in rules for resources that have no region. */
#define EXCEPTIONS_GLOBAL "global"

/* Takes ownership of `fields`. owner and expires may be NULL. */
void exceptions_add(struct exceptions *exceptions, json_t *fields, const char *name,
                    const char *reason, const char *owner, const char *expires, int64_t expires_ms);
/* Is its last day over? */
bool exceptions_expired(const struct exceptions *exceptions, const struct rule *rule);

#endif
