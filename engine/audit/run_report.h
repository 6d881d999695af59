/* The order of the run's report. Part of run; serves run.c, run_deliver.c, run_lists.c. */
#ifndef AUDIT_RUN_REPORT_H
#define AUDIT_RUN_REPORT_H

#include "audit/run.h"

struct order;

/* The order of the run's report. */
struct order *run_order(struct run *run);
/* What was found of the line that has this place, once; NULL: nothing. */
void run_report(struct run *run, size_t place, const struct resource *resource, size_t compliant,
                const json_t *findings);
void run_show_progress(struct run *run);
/* Reports are in the order of the lines; what comes about elsewhere takes a place among them when
 * it begins. */
size_t run_place(struct run *run);
/* 0, 1 or 2, as the exit status is documented. */
int run_status(const struct run *run);
/* How many resources were looked at so far. */
size_t run_finished(const struct run *run);

#endif
