#include "audit/run.h"

#include <string.h>

#include "audit/run_again.h"
#include "audit/run_deliver.h"
#include "audit/run_entry.h"
#include "audit/run_internal.h"
#include "audit/run_lanes.h"
#include "audit/run_later.h"
#include "audit/run_lists.h"
#include "audit/run_plan.h"
#include "audit/run_report.h"
#include "audit/run_resource_queue.h"
#include "audit/run_revisit.h"
#include "audit/run_unanswered.h"
#include "base/log.h"
#include "base/mem.h"
#include "change/gate_repair.h"
#include "policy/finding.h"
#include "policy/selection.h"
#include "policy/verdict.h"
#include "state/state_sum.h"
#include "value/json.h"

#define MAX_WAITING 10000
#define LATER_DELAY_S 300

static void begin(struct run *run, const struct entrant *entrant);
static void audit(struct job *job);
static void start(struct job *job);
static void leave(void *arg);
static void finish_job(void *arg);
static void go_on(struct run *run);
static void pull(struct run *run);
static void restart_audit(void *job);
static void deliver_later(void *job);

static const struct run_pump pump = {
    .go_on = go_on, .pull = pull, .restart_audit = restart_audit, .deliver = deliver_later};

struct run *run_new(const struct run_options *options)
{
    struct run *run = mem_alloc(sizeof *run);
    run->options = *options;
    run->pump = &pump;
    run->resource_queues = json_object();
    run->looked_at = json_pack("{s:{}, s:{}, s:{}}", "accounts", "regions", "types");
    run->lane_index = json_object();
    run->entries = run_entries();
    run->seen = seen_new();
    run->order = run_order(run);
    run->lines = order_group(run->order);
    /* A few more resources than requests: some are evaluated while others wait for responses. */
    run->most = (size_t)options->context->settings->concurrency * 5 / 4 + 1;
    return run;
}

/* The source answers no pull after this, and nothing waits for it. */
static void drop_source(struct run *run)
{
    if (run->source.free != NULL)
        run->source.free(run->source.self);
    run->source = (struct source){0};
}

void run_free(struct run *run)
{
    if (run == NULL)
        return;
    drop_source(run);
    run_free_jobs(run);
    json_decref(run->resource_queues);
    json_decref(run->looked_at);
    json_decref(run->unnotified_why);
    run_free_lanes(run);
    run_free_entries(run->entries);
    seen_free(run->seen);
    order_free(run->order);
    mem_free(run->first_bad);
    mem_free(run);
}

static void maybe_done(struct run *run)
{
    if (run->ended && run->active == 0 && run->done != NULL) {
        loop_fn done = run->done;
        run->done = NULL;
        run_drop_early(run);
        if (run->stopped)
            done(run->done_arg);
        else
            state_sum(run->options.context, done, run->done_arg);
    }
}

/* There is room for more resources, or none are left. When the run is stopped, the lines that wait
 * need no room, but each becomes a job that tells the source. */
static void go_on(struct run *run)
{
    struct entrant entrant;
    while ((!run->stopped || run_may_leave(run)) && run_next_parked(run, run->stopped, &entrant))
        begin(run, &entrant);
    run_look_again(run);
    pull(run);
    maybe_done(run);
}

/* The run was stopped while this job waited for room or its turn: requeue it without starting. */
static void leave(void *arg)
{
    struct job *job = arg;
    job->again = true;
    if (!run_send_not_started(job, finish_job))
        finish_job(job);
}

static void take_turn(struct job *job)
{
    struct run *run = job->run;
    run->waiting_for_resource--;
    if (run->stopped) {
        loop_defer(run->options.context->loop, leave, job);
    } else {
        run_enter_again(job);
        start(job);
    }
}

static void finish_job(void *arg)
{
    struct job *job = arg;
    struct run *run = job->run;
    struct job *next = run_give_turn(job);
    if (!job->reported)
        run_report(run, job->slot, job->resource, 0, NULL);
    if (run->options.settled != NULL)
        run->options.settled(run->options.settled_arg, job->resource, job->again);
    run_leave(job);
    if (job->second)
        run->seconds--;
    run_free_job(job);
    run->active--;
    run->finished++;
    run_show_progress(run);
    if (next != NULL)
        take_turn(next);
    go_on(run);
}

static void audit_again(void *arg)
{
    struct job *job = arg;
    job->resource->attempt++;
    audit(job);
}

static void deliver_now(void *arg)
{
    if (!run_entry_refused(arg, finish_job))
        run_deliver_job(arg, finish_job);
}

static void deliver(struct job *job)
{
    if (run_revisit(job, audit_again, deliver_later))
        return;
    if (run_put_off_to_the_end(job)) {
        run_leave(job);
        go_on(job->run);
        return;
    }
    job->again |= run_should_come_again(job);
    if (!run_requeue(job, deliver_now))
        deliver_now(job);
}

static void deliver_later(void *arg)
{
    deliver(arg);
}

static void deliver_unknown(struct job *job, const struct err *err)
{
    job->findings = run_findings_unknown(job->run, job->policy, job->resource, err);
    job->compliant = 0; /* of an earlier audit */
    run_keep_previous(job);
    deliver(job);
}

/* ---- the audit ---- */

/* After the verdicts, and the repairs: some may be pending. */
static void settle(void *arg)
{
    struct job *job = arg;
    int delay_s = run_put_off(job);
    if (delay_s == 0 || run_should_come_again(job))
        deliver(job);
    else if (!run_wait_again(job, delay_s, audit_again))
        run_put_back(job, delay_s, deliver_later);
}

/* Not ready: waits as long as --wait allows; then reports that, for a later audit. */
static void look_later(struct job *job, const json_t *outcome)
{
    int delay_s = (int)json_get_integer(outcome, "delay", LATER_DELAY_S);
    if (run_may_repeat(job) && run_wait(job, delay_s, audit_again))
        return;
    job->findings = run_findings(job->run, job->policy, job->resource, outcome, &job->compliant);
    run_keep_previous(job);
    run_put_back(job, delay_s, deliver_later);
}

static void on_outcome(struct job *job, const json_t *outcome)
{
    struct run *run = job->run;
    if (verdict_state(outcome) == STATE_LATER) {
        look_later(job, outcome);
        return;
    }
    job->findings = run_findings(run, job->policy, job->resource, outcome, &job->compliant);
    trust_record_keep(&job->trust, job->findings);
    run_keep_previous(job);
    if (run_is_to_be_repaired(job))
        gate_repair(run->options.gate, job->policy, job->resource, job->findings, settle, job);
    else
        settle(job);
}

static void on_audited(void *arg, const json_t *outcome, const struct err *err)
{
    struct job *job = arg;
    run_drop_listed(job);
    if (err != NULL)
        deliver_unknown(job, err);
    else
        on_outcome(job, outcome);
}

static void audit(struct job *job)
{
    struct err err = {0};
    struct evaluator *evaluator = job->run->options.context->evaluator;
    if (job->is_target) {
        run_list_target(job);
        return;
    }
    if (run_scope(job, &err) != 0) {
        deliver_unknown(job, &err);
        return;
    }
    const struct audit_options options = run_audit_options(job);
    evaluator->audit(evaluator->self, job->policy, job->resource, &job->scope, &options, on_audited,
                     job);
}

/* The delay that the line requests has passed. */
static void audit_first(void *arg)
{
    audit(arg);
}

static void finish_unread(void *arg)
{
    struct job *job = arg;
    deliver_unknown(job, job->misnamed);
}

/* No audit of a target, of a resource with a wrong name, or of one whose checks were not
 * selected. */
static void start(struct job *job)
{
    const struct context *context = job->run->options.context;
    if (job->findings != NULL)
        loop_defer(context->loop, deliver_now, job);
    else if (job->misnamed != NULL ||
             (!job->is_target && !selection_has_any(context->selected, job->policy)))
        loop_defer(context->loop, finish_unread, job);
    else if (job->resource->delay <= 0 || !run_wait(job, job->resource->delay, audit_first))
        audit(job);
}

static void begin(struct run *run, const struct entrant *entrant)
{
    struct job *job = run_named_job(run, entrant);
    if (run->stopped) {
        loop_defer(run->options.context->loop, leave, job);
        return;
    }
    enum run_turn turn = run_take_turn(job);
    if (turn == TURN_NOW) {
        start(job);
        return;
    }
    run_step_aside(job);
    if (turn == TURN_NEVER) {
        loop_defer(run->options.context->loop, finish_job, job);
        return;
    }
    run->waiting_for_resource++;
    run_look_again(run);
}

static void restart_audit(void *arg)
{
    struct job *job = arg;
    json_decref(job->findings);
    job->findings = NULL;
    job->compliant = 0;
    audit(job);
}

/* ---- the source ---- */

static void on_reserved(void *arg, struct resource *resource, size_t slot)
{
    struct run *run = arg;
    struct evaluator *evaluator = run->options.context->evaluator;
    run->pulling = false;
    run->to_come -= run->to_come > 0;
    const struct policy *policy = evaluator->find(evaluator->self, resource->type);
    if (policy == NULL) {
        run_refuse_type(run, slot, resource);
        pull(run);
        return;
    }
    struct entrant entrant;
    run->active++;
    if (run_enter(run, policy->type, resource, slot, &entrant))
        begin(run, &entrant);
    pull(run);
}

static void on_resource(void *arg, struct resource *resource)
{
    on_reserved(arg, resource, run_slot(arg));
}

static void on_bad(void *arg, const struct err *err)
{
    struct run *run = arg;
    run->pulling = false;
    run_note_bad(run, err->message);
    pull(run);
}

static void on_end(void *arg)
{
    struct run *run = arg;
    run->pulling = false;
    run->ended = true;
    run->to_come = 0;
    run_end_lists(run);
    go_on(run);
}

static void on_mark(void *arg, const json_t *mark)
{
    run_take_mark(arg, mark);
}

static void pull(struct run *run)
{
    run_tell_room(run);
    if (run->pulling || run->ended || run->waiting_count >= MAX_WAITING || !run_may_pull(run))
        return;
    run->pulling = true;
    run->source.pull(run->source.self);
}

struct source_target run_target(struct run *run)
{
    return (struct source_target){.resource = on_resource,
                                  .reserved = on_reserved,
                                  .bad = on_bad,
                                  .end = on_end,
                                  .mark = on_mark,
                                  .arg = run};
}

void run_start(struct run *run, struct source source, loop_fn done, void *arg)
{
    run->source = source;
    run->done = done;
    run->done_arg = arg;
    pull(run);
}

void run_stop(struct run *run)
{
    run->ended = true;
    run->stopped = true;
    drop_source(run);
    run_wake(run);
    go_on(run);
}
