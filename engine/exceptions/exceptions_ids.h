/* Ids of rules against the id of a resource, in any spelling: the resource's own, an ARN, or one of
 * those that exceptions_spell looked up. Serves exceptions_rule; calls identity. */
#ifndef EXCEPTIONS_EXCEPTIONS_IDS_H
#define EXCEPTIONS_EXCEPTIONS_IDS_H

#include <jansson.h>
#include <stdbool.h>

#include "policy/evaluator.h"
#include "policy/resource.h"

struct exceptions;
struct exceptions_subject;

/* In any spelling, ARNs included. */
bool exceptions_id_matches(const struct exceptions *exceptions, const json_t *patterns,
                           const struct exceptions_subject *subject);

bool exceptions_is_arn(const char *text);
/* What `spelled` holds a type's ids of one account and region by; mem_free. */
char *exceptions_place_key(const struct policy *policy, const struct resource *resource);

#endif
