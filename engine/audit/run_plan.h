/* Findings of an outcome, and what is to be repaired of them. Part of run; serves run.c. */
#ifndef AUDIT_RUN_PLAN_H
#define AUDIT_RUN_PLAN_H

#include "audit/run_internal.h"

/* For audit_options: are fixes asked for, and (arg is the job) of which checks. Neither what is
 * left alone nor what may have to be, nor what is not admitted is fixed: the fixes of other checks
 * must not build on it. */
bool run_wants_fixes(const struct run *run);
/* The doors of the job's policy; of a plan they record whom it trusts. */
int run_scope(struct job *job, struct err *err);
bool run_may_fix(void *arg, const struct audit_asked *asked);
/* All checks unknown: nothing could be told. */
json_t *run_findings_unknown(const struct run *run, const struct policy *policy,
                             const struct resource *resource, const struct err *err);
/* New array of findings of an outcome, marked "planned", "available", "held" … as the mode says.
 * *compliant: how many checks the report only counts. */
json_t *run_findings(const struct run *run, const struct policy *policy,
                     const struct resource *resource, const json_t *outcome, size_t *compliant);

#endif
