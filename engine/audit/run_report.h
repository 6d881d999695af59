/* The order of the run's report. Part of run; serves run.c, run_deliver.c, run_lists.c. */
#ifndef AUDIT_RUN_REPORT_H
#define AUDIT_RUN_REPORT_H

#include "audit/run.h"

struct order;

/* Creates the order of the run's report. */
struct order *run_order(struct run *run);
/* Reports what was found for the line at this position, once; NULL: nothing. */
void run_report(struct run *run, size_t slot, const struct resource *resource, size_t compliant,
                const json_t *findings);
/* Nothing is reported at this position. */
void run_no_answer(struct run *run, size_t slot);
void run_show_progress(struct run *run);
/* The progress of a plan, in resources. */
void run_show_applied(struct run *run, size_t done, size_t total);
/* The source has so many more resources: now it is known how many there are. */
void run_expect(struct run *run, size_t count);
/* Reports follow the order of the lines. Findings made elsewhere reserve their position in that
 * order here, when the work begins. */
size_t run_slot(struct run *run);
/* 0, 1 or 2, as documented for the exit status. */
int run_status(const struct run *run);
/* How many resources have been audited so far. */
size_t run_finished(const struct run *run);

#endif
