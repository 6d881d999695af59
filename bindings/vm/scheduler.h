/* Jobs and their coroutines. A policy is written straight down; where it must wait, its coroutine
 * yields, and the answer resumes it from the loop.
 *
 * A job (one audit, one discovery, one load, one event rule, one script) has a main coroutine and,
 * through resource:map, others. A suspended coroutine has exactly one pending operation (struct
 * wait), which knows how to cancel itself; a generation number refuses an answer to a wait that is
 * over. Policies have no coroutine library, so a yield can only come from the bindings (which set
 * task->wait first) or from the budget's hook (which sets task->killed): it cannot be faked.
 *
 * What a bad script can still do: use all of its budget (10 s of one core, in one piece, while
 * nothing else goes on but for signals and the end of the time, which the hook looks at) until it
 * was stopped three times; fill its state's memory and keep it in its upvalues, so that later jobs
 * of the same file fail until the state is made anew; ask AWS up to 100,000 questions that it
 * declared; tell lies about the resources of its own type.
 *
 * Serves the drivers (audit, discover, events, load) and every binding that waits. */
#ifndef BINDINGS_VM_SCHEDULER_H
#define BINDINGS_VM_SCHEDULER_H

#include <lua.h>

#include "bindings/libs/shaped.h"
#include "bindings/vm/budget.h"
#include "bindings/vm/state.h"
#include "policy/evaluator.h"

struct task;

/* The one pending operation of a suspended coroutine. */
struct wait {
    struct task *task;
    uint64_t generation;
    void (*cancel)(struct wait *wait); /* the answer will not come any more */
    void *subject;                     /* for cancel */
    size_t held;                       /* of the state's memory, while it lasts: see wait_hold */
};

struct task {
    struct evaluation *job;
    struct unit *unit; /* in which it works: taint.h */
    uint64_t serial;   /* never used again */
    struct task *next, *next_ready;
    lua_State *co;
    int ref;             /* anchor of co in the registry */
    uint64_t generation; /* counts waits */
    struct wait *wait;
    bool ready, killed, over;
    int arguments;  /* on co's stack, for the next resume */
    json_t *result; /* the answer: exactly one of these two */
    struct err err;
    struct shaped shaped; /* of the answer */
    struct map *map;      /* whose child this is; NULL: the main coroutine */
};

/* Every way in which a resume can end. */
enum task_outcome { TASK_DONE, TASK_WAITS, TASK_KILLED, TASK_FAILED, TASK_NO_MEMORY };

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
    uint64_t serial;     /* never used again: what handles know their job by */
    struct pages *pages; /* rows of pages that are open */
    struct unit *units;
    struct loop_timer *timer; /* of the first resume */
    bool running, cancelled, finished;
    size_t held;   /* of the state's memory, until the job is over */
    int log_lines; /* so far */
    bool later;    /* resource:later() was called */
    lua_Integer later_s;
    json_t *outcome;
    struct err err;
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
void job_free(struct evaluation *job);

/* The task that runs on this thread; NULL outside of one. */
struct task *task_of(lua_State *L);
/* A new coroutine of the job with `count` values from the top of L's stack (a function and its
 * arguments), which are popped; ready to run. Raises when the job has too many. */
struct task *task_new(lua_State *L, struct evaluation *job, int count);
void task_drop(struct task *task); /* cancels what it waits for; frees its coroutine */
void task_ready(struct task *task, int arguments);
/* Yields so that the job ends: not to be caught. Where that is impossible, raises. */
int task_kill(lua_State *L, const char *why);

/* In wait.c. Raises where one cannot wait. Asked before anything is made that would leak. */
void wait_check(lua_State *L);
struct wait *wait_new(lua_State *L); /* does not raise */
/* What C keeps for the operation counts toward the state's memory; false when there is no room. */
bool wait_hold(struct wait *wait, size_t bytes);
/* The task waits no more: calls off what it waits for. */
void wait_cancel(struct task *task);
/* The operation could not be started after all. */
void wait_drop(struct wait *wait);
/* The last act of a C function: yields; k runs when the answer is in task->result or err. */
int wait_yield(lua_State *L, struct wait *wait, lua_KContext context, lua_KFunction k);
/* From the loop. Keeps a reference of result; frees wait; runs the job on. */
void wait_answer(struct wait *wait, json_t *result, const struct err *err);

/* Whose turn it is between coroutines of a job, for the drivers: adds to the table on top
 *   me() -> the running coroutine's number
 *   wait_for(number) -> true when that coroutine called wake or is gone; false where there is none
 *   wake(): whoever waits for the running coroutine goes on */
void turns_open(lua_State *L);
void turns_wake(struct task *task);

/* In map.c. */
void map_child_over(struct task *child, enum task_outcome outcome);

#endif
