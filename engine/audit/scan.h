/* Lists and audits in one process: what a poll finds are the lines of a run, as soon as they are
 * found, and the report has them in the order of the poll's places. What is found faster than it is
 * audited waits in a temporary file. Serves cmd_scan; calls poll and run. */
#ifndef AUDIT_SCAN_H
#define AUDIT_SCAN_H

#include "audit/run.h"
#include "intake/poll.h"

struct scan;
/* Both are borrowed, and not started yet. */
struct scan *scan_new(struct loop *loop, struct poll *poll, struct run *run);
void scan_free(struct scan *scan);
/* done as run_start says it. */
void scan_start(struct scan *scan, loop_fn done, void *arg);
/* Lists and audits nothing more; what is under way is finished. */
void scan_stop(struct scan *scan);

#endif
