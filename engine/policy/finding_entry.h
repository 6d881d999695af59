/* An account whose role cannot be assumed: one finding, account.entered, says so, in place of one
 * for each resource and each list. Serves run and the poller function. */
#ifndef POLICY_FINDING_ENTRY_H
#define POLICY_FINDING_ENTRY_H

#include <jansson.h>
#include <stdbool.h>

#include "policy/resource.h"

#define FINDING_ENTERED "account.entered"
#define FINDING_ENTRY_TYPE "account" /* of the finding; its id is "*", as that of a target */
/* The code of an error of ours: the account is not the caller's, and no role may be assumed. */
#define FINDING_NO_ROLE "NoRoleAssumed"

/* Does this error (finding_error_json) say that the account cannot be entered: its role cannot be
 * assumed? False for errors that may be transient, and for roles of other accounts. */
bool finding_entry_refused(const json_t *error, const char *account);
/* The resource of the finding. New. */
struct resource *finding_entry_place(const char *account, const char *region);
/* The account cannot be entered, as the error says. New. */
json_t *finding_not_entered(const struct resource *place, const json_t *error);
/* Adds what was not audited: {TYPE:count} of resource lines, and the number of targets that were
 * not listed. */
void finding_entry_count(json_t *finding, const json_t *resources, size_t places);
/* The same check when the account can be entered: compliant. New. */
json_t *finding_entered(const struct resource *place);

#endif
