/* An earlier report of ours (--baseline FILE, jsonl or json), to which this run is compared: it
 * marks findings as new, unchanged or resolved (verdict_mark). A finding is the same if account,
 * region (not for global types), type, id and check are. Serves services, which open it, and run;
 * calls baseline_file and the evaluator. */
#ifndef BASELINE_BASELINE_H
#define BASELINE_BASELINE_H

#include <jansson.h>

#include "base/err.h"
#include "policy/evaluator.h"
#include "settings/settings.h"

struct baseline;

/* ERR_USAGE names the file and the line. The evaluator and the settings must outlive it. */
struct baseline *baseline_open(const char *path, const struct settings *settings,
                               struct evaluator *evaluator, struct err *err);
void baseline_free(struct baseline *baseline);

/* Sets the mark of a finding of this run. A compliant finding is resolved if it was not compliant
 * before; otherwise it has no mark. A finding whose status is worse than before is new: an
 * exception that expired, or a check that could not be determined before. */
void baseline_mark(struct baseline *baseline, json_t *finding);
/* The run looked at the resource, whatever it found: it is not absent. A check that does not apply
 * to it any more has no finding. */
void baseline_note_seen(struct baseline *baseline, const struct policy *policy,
                        const struct resource *resource);
/* All resources of the type in this account and region were listed. */
void baseline_note_listed(struct baseline *baseline, const struct policy *policy,
                          const char *account, const char *region);

/* Something in the account could be read; `place` is finding_entry_place. */
void baseline_note_entered(struct baseline *baseline, const struct resource *place);

/* Calls `report` for each resource of the baseline that this run did not find, although it listed
 * the resource's type, account and region: once for each of its checks in `selected` (selection.h),
 * with a finding as for a resource that is gone. If something could not be listed before and was
 * listed now, `report` gets the finding that says so. Call it when the run has audited everything
 * that was listed. */
void baseline_report_absent(const struct baseline *baseline, const json_t *selected,
                            void (*report)(void *arg, const json_t *finding), void *arg);

#endif
