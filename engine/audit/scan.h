/* Lists and audits in one process: the resources that a poll finds become lines of a run as soon as
 * they are found. The report has them in the order of the poll's targets. When resources are found
 * faster than they are audited, a few of each target wait (found_lines.h), and the target's listing
 * waits too. Accounts share what may wait, so that one whose audits are throttled holds up no
 * other. Serves cmd_scan; calls poll and run. */
#ifndef AUDIT_SCAN_H
#define AUDIT_SCAN_H

#include "audit/run.h"
#include "intake/poll.h"

struct scan;
/* Both are borrowed, and not started yet. */
struct scan *scan_new(struct loop *loop, struct poll *poll, struct run *run);
void scan_free(struct scan *scan);
/* done is called as in run_start. */
void scan_start(struct scan *scan, loop_fn done, void *arg);
/* Lists and audits nothing more: listings end at once, running audits are finished. */
void scan_stop(struct scan *scan);

#endif
