/* REPAIR (--repair): which checks may be repaired, and in which accounts. Serves run (what is not
 * admitted is held) and gate (nothing else is made); app/ makes it. Holding what cannot be undone
 * is the gate's: see HOLD_IRREVERSIBLE in settings.
 *
 * Text: NULL (all checks whose repair interrupts at most); "all"; checks and types, divided by
 * commas; or an object of such lists by account: {"*":[…],"111122223333":[…],"ou-…":[…]}. The
 * account's own list counts before that of its nearest unit, and that before "*"; an account that
 * none of them names is not repaired. */
#ifndef CHANGE_ADMISSION_H
#define CHANGE_ADMISSION_H

#include <jansson.h>

#include "accounts/context.h"
#include "policy/evaluator.h"

struct admission;
/* Of settings->repair; NULL with ERR_USAGE when that is none of these forms, or names a unit and
 * ORGANIZATION_ACCOUNT, by which units are listed, is not set. */
struct admission *admission_new(const struct settings *settings, struct err *err);
void admission_free(struct admission *admission);

/* Why this check must not be repaired in that account; NULL: it may. mem_free. */
char *admission_refusal(const struct admission *admission, const struct policy *policy,
                        const char *check, const char *account);

/* Before each run: lists the accounts of the units that the text names, through
 * ORGANIZATION_ACCOUNT, where what is known of them is too old. From the loop. After a failure
 * nothing is admitted by a unit, nor by "*" where a unit could hold the account. */
typedef void (*admission_loaded)(void *arg, const struct err *err);

#endif
