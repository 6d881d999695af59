#include "bindings/vm/job.h"

#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "bindings/vm/errors.h"
#include "bindings/vm/host.h"
#include "bindings/vm/policy_file.h"
#include "bindings/vm/ready.h"

/* Minimum cost of a resume: otherwise runs that are too short for hook and clock would be free. */
#define RESUME_COST 500

/* A policy that was stopped this many times starts no further job in this run. */
#define MAX_OVERRUNS 3

/* ---- running ---- */

/* The only place that resumes a coroutine. */
static enum task_outcome resume(struct task *task)
{
    struct evaluation *job = task->job;
    int results;
    budget_enter(&job->budget, task->co, RESUME_COST);
    job->running = true;
    job->state->running = task->co;
    int status = lua_resume(task->co, NULL, task->arguments, &results);
    job->running = false;
    job->state->running = NULL;
    host_worked(job->state->host, budget_leave(&job->budget));
    if (job->budget.spent || task->metered.killed)
        return TASK_KILLED;
    switch (status) {
    case LUA_OK: return TASK_DONE;
    case LUA_YIELD: return task->wait != NULL ? TASK_WAITS : TASK_KILLED;
    case LUA_ERRMEM: return TASK_NO_MEMORY;
    default: return TASK_FAILED;
    }
}

static void finish(struct evaluation *job)
{
    job->finished = true;
}

/* An error that the driver itself did not catch. */
static void fail(struct task *task)
{
    struct evaluation *job = task->job;
    const char *text = lua_type(task->co, -1) == LUA_TSTRING ? lua_tostring(task->co, -1) : NULL;
    err_set(&job->err, ERR_POLICY, "%s", text != NULL ? text : "raised an error without a message");
    finish(job);
}

static void step(struct task *task)
{
    struct evaluation *job = task->job;
    enum task_outcome outcome = resume(task);
    task->returned = outcome == TASK_DONE;
    switch (outcome) {
    case TASK_WAITS: return;
    case TASK_KILLED:
        if (job->budget.spent)
            job->err = job->budget.why;
        finish(job);
        return;
    case TASK_DONE:
    case TASK_FAILED:
    case TASK_NO_MEMORY: break;
    }
    if (task->over != NULL) {
        task->over(task, outcome);
        return;
    }
    if (outcome == TASK_NO_MEMORY)
        errors_no_memory(job->state, &job->err);
    else if (outcome == TASK_FAILED)
        fail(task);
    finish(job);
}

static bool may_go_on(const struct evaluation *job)
{
    return job->ready != NULL && !job->finished && !job->cancelled;
}

static void count_overrun(const struct evaluation *job)
{
    struct policy_file *file = job->state->file;
    const struct budget *budget = &job->budget;
    if (file == NULL || (!budget->spent && budget->patterns.left > 0))
        return;
    file->overruns++;
    file->overrun_kind = budget->spent ? budget->why.kind : ERR_LIMIT;
}

static void conclude(struct evaluation *job)
{
    while (job->tasks != NULL)
        task_drop(job->tasks);
    count_overrun(job);
    if (!job->cancelled)
        job->conclude(job);
    job_free(job);
}

static void on_turn(void *arg)
{
    struct evaluation *job = arg;
    job->timer = NULL;
    job_go_on(job, false);
}

/* Policies that run long take turns, one in each turn of the loop, so that the loop can handle
 * other events between them. */
static void postpone(struct evaluation *job)
{
    if (job->timer == NULL)
        job->timer = loop_after(state_loop(job->state), 0, on_turn, job);
}

static bool is_stopped(struct evaluation *job)
{
    const struct policy_file *file = job->state->file;
    bool broken = file != NULL && file->broken.kind != ERR_NONE;
    if (broken)
        job->err = file->broken;
    if (file == NULL || broken || file->overruns < MAX_OVERRUNS)
        return broken;
    err_set(
        &job->err, file->overrun_kind,
        "the policy was stopped %d times for running too long: it is not called again in this run",
        MAX_OVERRUNS);
    return true;
}

void job_go_on(struct evaluation *job, bool at_once)
{
    const struct host *host = job->state->host;
    if (job->running)
        return; /* a response from within a run: the outer call of the loop continues with it */
    if (is_stopped(job))
        finish(job);
    while (may_go_on(job) && (at_once || !host_turn_is_over(host))) {
        step(ready_take(job));
        at_once = false;
    }
    if (job->finished || job->cancelled)
        conclude(job);
    else if (job->ready != NULL)
        postpone(job);
}

/* ---- jobs ---- */

/* A discovery processes all resources of an account, so it gets a multiple of an audit's budget. */
static void grant(struct evaluation *job)
{
    const struct host_options *limits = host_limits(job->state->host);
    unsigned times = job->kind == JOB_DISCOVER ? 10 : 1;
    job->budget.instructions = times * limits->instructions_max;
    job->budget.run_ms = times * limits->run_ms_max;
    job->budget.calls = limits->calls_max;
    job->budget.patterns.left = limits->pattern_steps;
    job->budget.loop = limits->loop;
}

static uint64_t serial; /* serial of the last job */

uint64_t job_serial(void)
{
    return serial;
}

static struct evaluation *take_job(struct host *host)
{
    struct evaluation *job = spares_take(host_spare_jobs(host));
    if (job == NULL)
        job = mem_resize(NULL, sizeof *job);
    memset(job, 0, offsetof(struct evaluation, budget));
    memset(&job->budget, 0, offsetof(struct budget, why));
    err_clear(&job->budget.why);
    err_clear(&job->err);
    return job;
}

struct evaluation *job_new(struct state *state, enum job_kind kind, const struct scope *scope)
{
    struct evaluation *job = take_job(state->host);
    job->serial = ++serial;
    job->state = state;
    job->kind = kind;
    job->go_on = job_go_on;
    job->ready_tail = &job->ready;
    job->job_link = &state->jobs;
    job->next_job = state->jobs;
    if (job->next_job != NULL)
        job->next_job->job_link = &job->next_job;
    state->jobs = job;
    if (scope != NULL) {
        job->own_scope = *scope;
        job->scope = &job->own_scope;
    }
    grant(job);
    return job;
}

static int make_main(lua_State *L)
{
    struct evaluation *job = lua_touserdata(L, 1);
    lua_settop(L, 0);
    lua_pushcfunction(L, job->prepare);
    lua_pushlightuserdata(L, job);
    lua_call(L, 1, LUA_MULTRET);
    job->main = task_new(L, job, lua_gettop(L));
    return 0;
}

static void begin(struct evaluation *job)
{
    if (state_protect(job->state, &job->err, make_main, job) != 0)
        finish(job);
}

static void on_start(void *arg)
{
    struct evaluation *job = arg;
    job->timer = NULL;
    begin(job);
    job_go_on(job, false);
}

void job_start(struct evaluation *job)
{
    job->timer = loop_after(state_loop(job->state), 0, on_start, job);
}

void job_run(struct evaluation *job)
{
    if (is_stopped(job))
        finish(job);
    else
        begin(job);
    while (may_go_on(job))
        step(ready_take(job));
    while (job->tasks != NULL)
        task_drop(job->tasks);
    count_overrun(job);
}

void job_cancel(struct evaluation *job)
{
    job->cancelled = true;
    if (!job->running)
        conclude(job);
}

void job_strand(struct evaluation *job)
{
    err_set(&job->err, ERR_INTERNAL, "the policy waits for a response that never comes");
    finish(job);
    conclude(job);
}

void job_free(struct evaluation *job)
{
    if (job == NULL)
        return;
    *job->job_link = job->next_job;
    if (job->next_job != NULL)
        job->next_job->job_link = job->job_link;
    loop_cancel(host_loop(job->state->host), job->timer);
    closer_close_all(&job->closers);
    state_let_go(job->state, job->held);
    json_decref(job->parts);
    json_decref(job->outcome);
    json_decref(job->evidence);
    mem_free(job->only_check);
    if (!spares_keep(host_spare_jobs(job->state->host), job))
        mem_free(job);
}
