/* Compares the findings of a run with an earlier report and a framework, and decides which of them
 * count for the exit status. Part of run; serves run_deliver.c and the code that closes a run. */
#ifndef AUDIT_RUN_COMPARE_H
#define AUDIT_RUN_COMPARE_H

#include <jansson.h>

struct job;
struct run;

/* The run looked at the resource of this job, whatever its findings are. */
void run_compare_job(const struct job *job);
/* Marks the finding, names the framework's controls, and lets it count for the exit status. */
void run_compare(struct run *run, json_t *finding);
/* Reports what the earlier report has and this run did not find where it listed everything; nothing
 * if the run did not look at everything that it listed. Call it at the end. */
void run_report_absent(struct run *run);

#endif
