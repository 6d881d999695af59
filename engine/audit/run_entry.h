/* Accounts that cannot be entered: their role cannot be assumed. Resources and targets of such an
 * account have no findings of their own. One finding for each account says why, and counts what was
 * not audited; it is notified as soon as it is made, and stands at the end of the report, in the
 * order of the accounts. Part of run; serves run.c and run_lists.c. */
#ifndef AUDIT_RUN_ENTRY_H
#define AUDIT_RUN_ENTRY_H

#include "audit/run_internal.h"

struct entries *run_entries(void);
void run_free_entries(struct entries *entries);

/* If the job's account cannot be entered, takes its findings: `done` is called when the account's
 * finding has been notified, with job->again set if it could not be. False: the findings are the
 * job's own. */
bool run_entry_refused(struct job *job, loop_fn done);
/* The same for a target that could not be listed, as `error` says. Takes ownership of the target if
 * it returns true. */
bool run_entry_unlisted(struct run *run, size_t slot, struct resource *target, const json_t *error);
/* Something in the account could be read: ends its earlier finding, if one was notified. */
void run_entry_open(struct run *run, const char *account);
/* Adds the findings to the report, each once. Call it after the last line. */
void run_report_entries(struct run *run);

#endif
