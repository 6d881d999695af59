/* Every line gets an answer. A job that still runs when there is nothing left to wait for would
 * never get one. That is a bug in the engine or in a policy, and is reported as such. */
#include "audit/run_unanswered.h"

#include "audit/run_plan.h"
#include "audit/run_report.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "policy/finding.h"

static void link_job(struct job *job)
{
    struct run *run = job->run;
    job->job_link = &run->jobs;
    job->next_job = run->jobs;
    if (job->next_job != NULL)
        job->next_job->job_link = &job->next_job;
    run->jobs = job;
}

struct job *run_job(struct run *run, const struct entrant *entrant)
{
    const struct evaluator *evaluator = run->options.context->evaluator;
    struct job *job = mem_alloc(sizeof *job);
    *job = (struct job){.run = run,
                        .resource = entrant->resource,
                        .policy = evaluator->find(evaluator->self, entrant->resource->type),
                        .slot = entrant->slot,
                        .lane = entrant->lane,
                        .entered_ms = clock_mono_ms()};
    link_job(job);
    return job;
}

void run_free_job(struct job *job)
{
    *job->job_link = job->next_job;
    if (job->next_job != NULL)
        job->next_job->job_link = job->job_link;
    json_decref(job->listed);
    resource_free(job->resource);
    json_decref(job->previous);
    trust_record_clear(&job->trust);
    mem_free(job->misnamed);
    mem_free(job);
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
    while (run->jobs != NULL)
        run_free_job(run->jobs);
}
