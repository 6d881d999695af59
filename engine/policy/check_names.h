/* Names of checks and types as people write them. Serves REPAIR, --checks and explain; calls the
 * evaluator. */
#ifndef POLICY_CHECK_NAMES_H
#define POLICY_CHECK_NAMES_H

#include "base/suggest.h"
#include "policy/evaluator.h"

/* What stands before an id among the `cis` controls of a check wherever people read it: other
 * versions of the benchmark number their controls in another way. */
#define CHECK_NAMES_CIS "CIS 3.0 "

/* Finds the policy that a check, a type or an alias belongs to. *canonical is the name as findings
 * write it ("s3.tls" becomes "s3_bucket.tls"), to be freed with mem_free; `canonical` may be NULL.
 * Returns NULL if there is no such policy. */
const struct policy *check_names_find(struct evaluator *evaluator, const char *name,
                                      char **canonical);
/* Could this be a name in a policy that is not loaded? */
bool check_names_is_foreign(struct evaluator *evaluator, const char *name);
/* Offers all types, aliases and checks. */
void check_names_offer(struct evaluator *evaluator, struct suggest *suggest);
/* ERR_USAGE: "LABEL: there is no check or type "NAME", did you mean …?". `also` is one more name
 * that the hint may suggest, or NULL. */
int check_names_refuse(struct evaluator *evaluator, const char *label, const char *name,
                       const char *also, struct err *err);

#endif
