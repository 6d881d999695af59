/* Which checks are audited: --checks and --severity, by the policies that are loaded. Serves
 * services, which make it, and poll, run and report, which leave out the others: their reads are
 * not made, and nothing is said of them. */
#ifndef POLICY_SELECTION_H
#define POLICY_SELECTION_H

#include "policy/evaluator.h"
#include "settings/settings.h"

/* An object with the ids of the checks, or NULL in *selected: all of them. ERR_USAGE names a word
 * that is none, with a did-you-mean, and a choice that leaves no check. */
int selection_make(const struct settings *settings, struct evaluator *evaluator, json_t **selected,
                   struct err *err);

/* selected NULL: always. */
bool selection_has(const json_t *selected, const char *check);
bool selection_has_any(const json_t *selected, const struct policy *policy);

#endif
