/* Resources that could not be determined for a reason that may be transient: audited a second time
 * at the end of a run, or requeued if another run follows. */
#include "audit/run_again.h"

#include <string.h>

#include "audit/run_internal.h"
#include "audit/run_lanes.h"
#include "audit/run_later.h"
#include "aws/retry/retry.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "policy/finding.h"
#include "policy/verdict.h"
#include "value/json.h"

#define AT_A_TIME 8
#define MOST_PUT_OFF 10000
#define HOPELESS 20 /* second audits in a row with no new result */
#define DAY_S 86400
#define SHORTEST_DELAY_S 60
#define LONGEST_DELAY_S 300

/* Planned and not made: there was not enough time. */
static bool is_unfinished(const struct run *run, const json_t *finding)
{
    return run->options.mode == RUN_CHANGE && verdict_status(finding) == STATUS_NON_COMPLIANT &&
           verdict_remediation(finding) == REMEDIATION_PLANNED;
}

/* Not ready, and there is no later audit. */
static bool is_forgotten(const struct run *run, const json_t *finding)
{
    return verdict_status(finding) == STATUS_PENDING &&
           run->options.context->settings->sqs_queue == NULL;
}

bool run_should_come_again(const struct job *job)
{
    size_t i;
    json_t *finding;
    if (job->run->options.settled == NULL)
        return false;
    json_array_foreach (job->findings, i, finding) {
        if (finding_is_transient(finding) || is_unfinished(job->run, finding) ||
            is_forgotten(job->run, finding))
            return true;
    }
    return false;
}

/* ---- the end of the run ---- */

/* Unknown for now, and nothing was changed. */
static bool is_worth_a_look(const struct job *job)
{
    size_t i;
    json_t *finding;
    bool open = false;
    json_array_foreach (job->findings, i, finding) {
        enum verdict_remediation remediation = verdict_remediation(finding);
        if (remediation == REMEDIATION_FIXED || remediation == REMEDIATION_FAILED)
            return false;
        open |= finding_is_transient(finding);
    }
    return open;
}

static bool can_be_put_off(const struct job *job)
{
    const struct run *run = job->run;
    return !job->second && run->options.settled == NULL && !run->stopped &&
           job->next_of_resource == NULL && run->put_off_count < MOST_PUT_OFF;
}

bool run_put_off_to_the_end(struct job *job)
{
    struct run *run = job->run;
    bool worth = is_worth_a_look(job);
    if (job->second) {
        run->hopeless = worth ? run->hopeless + 1 : 0;
        return false;
    }
    if (!worth || !can_be_put_off(job))
        return false;
    job->next_waiting = NULL;
    if (run->put_off == NULL)
        run->put_off_tail = &run->put_off;
    *run->put_off_tail = job;
    run->put_off_tail = &job->next_waiting;
    run->put_off_count++;
    run->pump->pull(run);
    return true;
}

static struct job *take_put_off(struct run *run)
{
    struct job *job = run->put_off;
    run->put_off = job->next_waiting;
    run->put_off_count--;
    job->second = true;
    return job;
}

/* The others are finished, except for those that wait for a job that was put off: if they leave no
 * room for further lines, it is not put off any longer. */
static bool is_their_turn(const struct run *run)
{
    return run->active <= run->put_off_count + run->waiting_for_resource + run->seconds &&
           (run->ended || (!run->pulling && !run_may_pull(run)));
}

void run_look_again(struct run *run)
{
    if (run->put_off == NULL || !is_their_turn(run))
        return;
    while (run->put_off != NULL && run->seconds < AT_A_TIME) {
        struct job *job = take_put_off(run);
        run->seconds++;
        if (run->stopped || run->hopeless >= HOPELESS)
            loop_defer(run->options.context->loop, run->pump->deliver, job);
        else
            loop_defer(run->options.context->loop, run->pump->restart_audit, job);
    }
}

/* ---- the queue ---- */

static const json_t *passing_error(const struct job *job)
{
    size_t i;
    json_t *finding;
    json_array_foreach (job->findings, i, finding) {
        if (finding_is_transient(finding))
            return json_object_get(finding, "error");
    }
    return NULL;
}

static bool is_throttle(const json_t *error)
{
    struct err err = {.kind = ERR_API};
    snprintf(err.code, sizeof err.code, "%s", json_get_string(error, "code", ""));
    return retry_is_rate(&err);
}

/* While a service throttles everybody, being throttled is not a failed attempt. It counts as one if
 * no call of this kind succeeded for a day. The line has the time of the last success. */
static bool counts(struct job *job, const json_t *error)
{
    struct resource *resource = job->resource;
    int64_t now_s = clock_wall_ms() / 1000;
    int64_t known_s = json_get_integer(resource->line, "passed", 0);
    int64_t passed_s =
        client_success_ms(job->run->options.context->client, resource->account, resource->region,
                          json_get_string(error, "operation", "")) /
        1000;
    if (!is_throttle(error))
        return true;
    if (known_s > passed_s)
        passed_s = known_s;
    if (passed_s == 0)
        passed_s = now_s;
    json_t *line = json_copy(resource->line);
    json_object_set_new(line, "passed", json_integer(passed_s));
    json_decref(resource->line);
    resource->line = line;
    return now_s - passed_s > DAY_S;
}

static int some_delay_s(void)
{
    return SHORTEST_DELAY_S + (int)(random_unit() * (LONGEST_DELAY_S - SHORTEST_DELAY_S));
}

static bool can_send(const struct job *job)
{
    return job->run->options.settled != NULL &&
           job->run->options.context->settings->sqs_queue != NULL;
}

/* A read failed for a reason that may be transient, and the resource is read again, now or by
 * another run: that audit repairs it, and sends one notification. */
static bool is_read_again(const struct job *job)
{
    if (passing_error(job) == NULL)
        return false;
    return job->run->options.settled != NULL ? run_may_repeat(job) : can_be_put_off(job);
}

bool run_is_to_be_repaired(const struct job *job)
{
    size_t i;
    json_t *finding;
    bool planned = false;
    json_array_foreach (job->findings, i, finding)
        planned |= verdict_remediation(finding) == REMEDIATION_PLANNED;
    return job->run->options.mode == RUN_CHANGE && planned && !is_read_again(job);
}

bool run_send_not_started(struct job *job, loop_fn then)
{
    if (!can_send(job) || !run_may_repeat(job))
        return false;
    run_send_line(job, some_delay_s(), true, then);
    return true;
}

bool run_requeue(struct job *job, loop_fn then)
{
    const json_t *error = passing_error(job);
    if (!can_send(job) || error == NULL)
        return false;
    bool counted = counts(job, error);
    if (counted && !run_may_repeat(job)) {
        job->again = false; /* delivered as it is */
        return false;
    }
    run_send_line(job, some_delay_s(), counted, then);
    return true;
}
