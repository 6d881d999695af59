/* Makes the findings of an outcome, and decides what to repair. Part of run; serves run.c. */
#ifndef AUDIT_RUN_PLAN_H
#define AUDIT_RUN_PLAN_H

#include "audit/run_internal.h"

/* The options of the job's next audit. No fix runs for what an exception matches or might match,
 * nor for a check that REPAIR does not admit: the fixes of other checks must not build on it. Only
 * the first audit may use what a listing said: a later one is made because something may have
 * changed. */
struct audit_options run_audit_options(struct job *job);
/* The audit has ended: frees what it was given of a listing. */
void run_drop_listed(struct job *job);
/* Sets the job's scope for its policy; in a plan the scope records who is trusted. */
int run_scope(struct job *job, struct err *err);
/* All checks that the line asks for are unknown: nothing could be determined. */
json_t *run_findings_unknown(const struct run *run, const struct policy *policy,
                             const struct resource *resource, const struct err *err);
/* New array of findings from an outcome, marked "planned", "available", "held" … according to the
 * mode. *compliant: how many checks the report only counts. */
json_t *run_findings(const struct run *run, const struct policy *policy,
                     const struct resource *resource, const json_t *outcome, size_t *compliant);

#endif
