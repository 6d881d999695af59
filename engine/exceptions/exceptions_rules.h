/* The set of rules: what it holds, and when a rule ends. Serves the readers of rules
 * (exceptions_file, exceptions_variables) and those that compare with them. The lowest file of this
 * room. */
#ifndef EXCEPTIONS_EXCEPTIONS_RULES_H
#define EXCEPTIONS_EXCEPTIONS_RULES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "policy/evaluator.h"

struct exceptions;
struct rule;

/* The region of what is of no region. */
#define EXCEPTIONS_GLOBAL "global"

/* Takes `fields` over. owner and expires may be NULL. */
void exceptions_add(struct exceptions *exceptions, json_t *fields, const char *name,
                    const char *reason, const char *owner, const char *expires, int64_t expires_ms);
/* Of a global type: has each resource a region nevertheless? */
bool exceptions_has_region(const struct policy *policy);
/* Is its last day over? */
bool exceptions_expired(const struct exceptions *exceptions, const struct rule *rule);

#endif
