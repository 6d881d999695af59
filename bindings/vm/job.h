/* Jobs and their coroutines. A policy is written straight down; where it must wait, its coroutine
 * yields, and the answer resumes it from the loop.
 *
 * A job (one audit, one discovery, one load, one event rule, one script) has a main coroutine and,
 * through resource:map, others. A suspended coroutine has exactly one pending operation (struct
 * wait), which knows how to cancel itself; a generation number refuses an answer to a wait that is
 * over. Policies have no coroutine library, so a yield can only come from the bindings (which set
 * task->wait first) or from the budget's hook (which sets metered.killed): it cannot be faked.
 *
 * What a bad script can still do: use all of its budget (10 s of one core, in one piece, while
 * nothing else goes on but for signals and the end of the time, which the hook looks at) until it
 * was stopped three times; fill its state's memory and keep it in its upvalues, so that later jobs
 * of the same file fail until the state is made anew; ask AWS up to 100,000 questions that it
 * declared; tell lies about the resources of its own type.
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
    struct evaluation *next_job, **job_link; /* in the state's list */
    bool unlimited;            /* a script: no budget, waits by turning the loop itself */
    const struct scope *scope; /* &own_scope, or NULL: no calls */
    struct scope own_scope;
    const struct resource *resource;
    struct budget budget;
    struct task *tasks, *main, *ready, **ready_tail;
    int task_count;
    uint64_t serial;          /* never used again: what handles know their job by */
    struct closer *closers;   /* of what must not outlive it */
    struct loop_timer *timer; /* of the first resume */
    bool running, cancelled, finished;
    size_t held;   /* of the state's memory, until the job is over */
    int log_lines; /* so far */
    bool later;    /* resource:later() was called */
    lua_Integer later_s;
    json_t *outcome;
    struct err err;
    void (*go_on)(struct evaluation *job, bool at_once); /* job_go_on: an answer is there */
    lua_CFunction prepare; /* pushes the driver and its arguments on the job's coroutine */
    void (*conclude)(struct evaluation *job); /* tells whoever asked; frees nothing */
    const void *input;                        /* of prepare */

    /* audit and discover */
    struct audit_options options; /* with copies of its own of what they borrow */
    char *only_check;
    json_t *parts;
    evaluator_audited audited;
    evaluator_found found;
    evaluator_done done;
    void *arg;
};

struct evaluation *job_new(struct state *state, enum job_kind kind, const struct scope *scope);
/* Of the newest job. */
uint64_t job_serial(void);
/* Runs at the loop's next turn; conclude is called from the loop, then the job is freed. */
void job_start(struct evaluation *job);
/* Runs at once to its end; for jobs without calls. The caller reads outcome and err, then frees. */
void job_run(struct evaluation *job);
void job_cancel(struct evaluation *job);
/* Runs what is ready, now or, unless `at_once`, when policies have their turn. May free the job. */
void job_go_on(struct evaluation *job, bool at_once);
/* What it waits for never comes: it fails. */
void job_strand(struct evaluation *job);
void job_free(struct evaluation *job); /* NULL is allowed */

#endif
