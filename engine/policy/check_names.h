/* Names of checks and types as people write them. Serves REPAIR, --checks, explain; asks the
 * evaluator. */
#ifndef POLICY_CHECK_NAMES_H
#define POLICY_CHECK_NAMES_H

#include "policy/evaluator.h"

/* The policy that a check, a type or an alias is of, and the name as findings have it ("s3.tls" is
 * "s3_bucket.tls"): *canonical, mem_free; may be NULL. NULL: there is none. */
const struct policy *check_names_find(struct evaluator *evaluator, const char *name,
                                      char **canonical);
/* Could it be a name of a policy that is not loaded? */
bool check_names_is_foreign(struct evaluator *evaluator, const char *name);
/* ERR_USAGE: "LABEL: there is no check or type "NAME", did you mean …?". `also` is offered as well,
 * or NULL. */
int check_names_refuse(struct evaluator *evaluator, const char *label, const char *name,
                       const char *also, struct err *err);

#endif
