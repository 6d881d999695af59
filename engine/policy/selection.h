/* Which checks are audited: --checks and --severity, resolved with the loaded policies. Serves
 * services, which make it, and poll, run and report, which skip all other checks: no reads are made
 * for them, and nothing is reported about them. */
#ifndef POLICY_SELECTION_H
#define POLICY_SELECTION_H

#include "policy/evaluator.h"
#include "settings/settings.h"

/* *selected is an object with the ids of the checks, or NULL for all checks. ERR_USAGE names a word
 * that is not a check or type, with a did-you-mean, or a selection that leaves no check. */
int selection_make(const struct settings *settings, struct evaluator *evaluator, json_t **selected,
                   struct err *err);

/* ERR_USAGE if `name` is not a severity, with a did-you-mean. `label` says where the word was
 * given; `also` is another word that is allowed there, or NULL. */
int selection_check_severity(const char *label, const char *name, const char *also,
                             struct err *err);

/* Always true if selected is NULL. */
bool selection_has(const json_t *selected, const char *check);
bool selection_has_any(const json_t *selected, const struct policy *policy);

#endif
