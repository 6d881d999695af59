/* Compares ids in rules with the id of a resource, in any form: the resource's own, an ARN, or one
 * that exceptions_spell looked up. Serves exceptions_rule; calls identity. */
#ifndef EXCEPTIONS_EXCEPTIONS_IDS_H
#define EXCEPTIONS_EXCEPTIONS_IDS_H

#include <jansson.h>
#include <stdbool.h>

#include "policy/evaluator.h"
#include "policy/resource.h"

struct exceptions;
struct exceptions_subject;

/* Does a pattern match the id in any form, including its ARN? */
bool exceptions_id_matches(const struct exceptions *exceptions, const json_t *patterns,
                           const struct exceptions_subject *subject);

bool exceptions_is_arn(const char *text);
/* The key in `spelled` for the ids of a type in one account and region; mem_free. */
char *exceptions_target_key(const struct policy *policy, const struct resource *resource);

#endif
