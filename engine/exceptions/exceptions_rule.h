/* Does one rule match one check of one resource, and if not, why? Serves exceptions,
 * exceptions_spell and the command that explains. */
#ifndef EXCEPTIONS_EXCEPTIONS_RULE_H
#define EXCEPTIONS_EXCEPTIONS_RULE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct exceptions;
struct exceptions_subject;
struct rule;

/* Which rules match, and which nearly match: [{"rule","reason","says":"matches"|"expired on …"|"its
 * region is another"|…}…]. New. */
json_t *exceptions_explain(const struct exceptions *exceptions,
                           const struct exceptions_subject *subject);

/* How many fields of the rule do not match; *field names one of them. */
size_t exceptions_mismatches(const struct exceptions *exceptions, const struct rule *rule,
                             const struct exceptions_subject *subject, const char **field);
/* Can the rule match any resource of this type in this account? */
bool exceptions_may_apply(const struct rule *rule, const struct exceptions_subject *subject);

#endif
