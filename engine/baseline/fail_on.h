/* --fail-on: which of the findings that are left make the exit status 2. Serves services, which
 * check its words, and run. */
#ifndef BASELINE_FAIL_ON_H
#define BASELINE_FAIL_ON_H

#include <jansson.h>

#include "base/err.h"
#include "settings/settings.h"

/* ERR_USAGE for a word that is neither a severity nor "new", for "new" without --baseline, and for
 * --dry-run, as the exit status of a plan says whether it has steps (engine plan has no --fail-on).
 */
int fail_on_check(const struct settings *settings, struct err *err);
/* The exit status that the finding causes: as finding_exit_status, but 0 instead of 2 for a finding
 * that is less severe than the least severity given, or is not new although "new" was given. */
int fail_on_status(const struct settings *settings, const json_t *finding);

#endif
