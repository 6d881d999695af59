/* Jobs and their coroutines. A policy is written as sequential code. Where it must wait, its
 * coroutine yields, and the loop resumes it when the response arrives.
 *
 * A job (one audit, discovery, load, event rule or script) has a main coroutine and, through
 * resource:map, others. A suspended coroutine has exactly one pending operation (struct wait),
 * which can cancel itself; a generation number refuses a response to a wait that has ended.
 * Policies have no coroutine library, so a yield can only come from the bindings (which set
 * task->wait first) or from the budget's hook (which sets metered.killed): a policy cannot fake
 * one.
 *
 * What a bad script can still do: use its whole budget (10 s of one core without a break; only
 * signals and the end of the time are noticed, because the hook checks for them) until it was
 * stopped three times; fill the memory of its state and keep it in its upvalues, so that later jobs
 * of the same file fail until the state is created again; send up to 100,000 of the AWS reads that
 * it declared; report wrong facts about resources of its own type.
 *
 * Serves the drivers (audit, discover, events, load). */
#ifndef BINDINGS_VM_JOB_H
#define BINDINGS_VM_JOB_H

#include <lua.h>

#include "bindings/vm/budget.h"
#include "bindings/vm/closer.h"
#include "bindings/vm/state.h"
#include "bindings/vm/task.h"
#include "policy/evaluator.h"

enum job_kind { JOB_LOAD, JOB_EVENT, JOB_DISCOVER, JOB_AUDIT, JOB_SCRIPT };

struct evaluation {
    struct state *state;
    enum job_kind kind;
    struct evaluation *next_job, **job_link; /* in the list of the state */
    bool unlimited;            /* a script: no budget, waits by running the loop itself */
    const struct scope *scope; /* &own_scope, or NULL: no AWS calls */
    struct scope own_scope;
    const struct resource *resource;
    struct task *tasks, *main, *ready, **ready_tail;
    int task_count;
    uint64_t serial;          /* never reused: handles identify their job by it */
    struct closer *closers;   /* objects to close before the job ends */
    struct loop_timer *timer; /* starts the first resume */
    bool running, cancelled, finished;
    size_t held;   /* counted as the state's memory until the job ends */
    int log_lines; /* so far */
    bool gone;     /* resource:gone() was called */
    bool later;    /* resource:later() was called */
    lua_Integer later_s;
    json_t *outcome;
    json_t *evidence; /* of checks, for the outcome: a list, or NULL */
    void (*go_on)(struct evaluation *job, bool at_once); /* job_go_on: a response has arrived */
    lua_CFunction prepare; /* pushes the driver and its arguments onto the job's coroutine */
    void (*conclude)(struct evaluation *job); /* reports to the caller; frees nothing */
    const void *input;                        /* for `prepare` */

    /* audit and discover */
    struct audit_options options; /* with its own copies of borrowed members */
    char *only_check;
    json_t *parts;
    evaluator_audited audited;
    evaluator_found found;
    evaluator_done done;
    void *arg;

    /* Last, because errors are long, and so are not zeroed for each job. */
    struct budget budget;
    struct err err;
};

struct evaluation *job_new(struct state *state, enum job_kind kind, const struct scope *scope);
/* The serial of the newest job. */
uint64_t job_serial(void);
/* Runs the job from the next turn of the loop. The loop calls `conclude`, then the job is freed. */
void job_start(struct evaluation *job);
/* Runs the job to its end at once; for jobs without calls. The caller reads outcome and err, then
 * frees it. */
void job_run(struct evaluation *job);
void job_cancel(struct evaluation *job);
/* Runs the coroutines that are ready: now if `at_once`, else when policies have their turn. May
 * free the job. */
void job_go_on(struct evaluation *job, bool at_once);
/* The response that the job waits for will never come: the job fails. */
void job_strand(struct evaluation *job);
void job_free(struct evaluation *job);

#endif
