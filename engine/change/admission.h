/* REPAIR (--repair): which checks may be repaired, and in which accounts. Serves run (which holds a
 * repair that is not admitted) and gate (which makes no other repair); app/ creates it. The gate
 * alone holds changes that cannot be undone: see HOLD_IRREVERSIBLE in settings.
 *
 * The value is NULL (all checks whose repair has the impact "none" or "interrupts"); "all"; checks
 * and types, separated by commas; or an object of such lists by account:
 * {"*":[…],"111122223333":[…],"ou-…":[…]}. The account's own list takes precedence over the list of
 * its nearest unit, and that over "*". An account that matches no list is not repaired. */
#ifndef CHANGE_ADMISSION_H
#define CHANGE_ADMISSION_H

#include <jansson.h>

#include "accounts/context.h"
#include "policy/evaluator.h"

struct admission;
/* Parses settings->repair. NULL with ERR_USAGE if it has none of these forms, or if it names a unit
 * and ORGANIZATION_ACCOUNT, which is needed to list units, is not set. */
struct admission *admission_new(const struct settings *settings, struct err *err);
void admission_free(struct admission *admission);

/* Why this check must not be repaired in that account; NULL if it may be. `meta` describes the
 * check: finding_check_meta. mem_free. */
char *admission_refusal(const struct admission *admission, const struct policy *policy,
                        const char *check, const json_t *meta, const char *account);

/* Call it before each run, from the loop. It lists the accounts of the units that REPAIR names,
 * through ORGANIZATION_ACCOUNT, if the known list is too old. After a failure no unit admits
 * anything, and "*" does not admit an account that could be in a unit. */
typedef void (*admission_loaded)(void *arg, const struct err *err);

#endif
