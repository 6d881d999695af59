#include "audit/run_compare.h"

#include "audit/run_internal.h"
#include "baseline/baseline.h"
#include "baseline/fail_on.h"
#include "compliance/compliance.h"
#include "policy/finding.h"

void run_compare(struct run *run, json_t *finding)
{
    const struct context *context = run->options.context;
    if (context->compliance != NULL)
        compliance_name(context->compliance, finding);
    if (context->baseline != NULL)
        baseline_mark(context->baseline, finding);
    run->status = finding_worse(run->status, fail_on_status(context->settings, finding));
}

void run_compare_job(const struct job *job)
{
    const struct context *context = job->run->options.context;
    if (context->baseline != NULL)
        baseline_note_seen(context->baseline, job->policy, job->resource);
}

static void add(void *arg, const json_t *finding)
{
    report_add(arg, finding);
}

void run_report_absent(struct run *run)
{
    const struct context *context = run->options.context;
    bool whole = !run->stopped && run->bad == 0 && run->open_slots == 0;
    if (context->baseline != NULL && whole)
        baseline_report_absent(context->baseline, context->selected, add, run->options.report);
}
