/* Every line gets an answer. A job that still runs when there is nothing left to wait for would
 * never get one. That is a bug in the engine or in a policy, and is reported as such. */
#include "audit/run_unanswered.h"

#include "audit/run_internal.h"
#include "audit/run_plan.h"
#include "audit/run_report.h"
#include "base/log.h"
#include "base/mem.h"
#include "policy/finding.h"

void run_link(struct job *job)
{
    struct run *run = job->run;
    job->job_link = &run->jobs;
    job->next_job = run->jobs;
    if (job->next_job != NULL)
        job->next_job->job_link = &job->next_job;
    run->jobs = job;
}

void run_unlink(struct job *job)
{
    *job->job_link = job->next_job;
    if (job->next_job != NULL)
        job->next_job->job_link = job->job_link;
}

static void answer(struct job *job, const struct err *err)
{
    struct run *run = job->run;
    if (job->reported)
        return;
    json_t *findings = run_findings_unknown(run, job->policy, job->resource, err);
    const struct log_subject subject = resource_subject(job->resource);
    log_about(LOG_ERROR, &subject, "%s %s: %s", subject.type, subject.id, err->message);
    run_report(run, job->slot, job->resource, 0, findings);
    job->reported = true;
    json_decref(findings);
    json_decref(job->findings);
    job->findings = NULL;
}

void run_answer_all(struct run *run)
{
    struct err err;
    err_set(&err, ERR_INTERNAL, "internal error: no response came; please report this");
    for (struct job *job = run->jobs; job != NULL; job = job->next_job)
        answer(job, &err);
    if (run->jobs != NULL)
        run->status = finding_worse(run->status, 1);
}

void run_free_jobs(struct run *run)
{
    while (run->jobs != NULL) {
        struct job *job = run->jobs;
        run_unlink(job);
        json_decref(job->listed);
        resource_free(job->resource);
        json_decref(job->previous);
        trust_record_clear(&job->trust);
        mem_free(job->misnamed);
        mem_free(job);
    }
}
