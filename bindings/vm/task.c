#include "bindings/vm/task.h"

#include <lauxlib.h>
#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "bindings/vm/coroutine_wait.h"
#include "bindings/vm/job.h"
#include "bindings/vm/ready.h"
#include "bindings/vm/wait.h"

#define MAX_TASKS 500

/* A coroutine that has returned has nothing left of what it ran, and is used again. */
static struct task *take_task(lua_State *L, struct state *state)
{
    struct task *task = spares_take(&state->spare_tasks);
    if (task != NULL)
        return task;
    lua_State *co = lua_newthread(L);
    *(struct task **)lua_getextraspace(co) = NULL;
    int ref = luaL_ref(L, LUA_REGISTRYINDEX);
    task = mem_alloc(sizeof *task);
    task->co = co;
    task->ref = ref;
    return task;
}

static void leave_task(struct state *state, struct task *task)
{
    lua_settop(task->co, 0);
    if (spares_keep(&state->spare_tasks, task))
        return;
    lua_resetthread(task->co);
    luaL_unref(state->L, LUA_REGISTRYINDEX, task->ref);
    mem_free(task);
}

/* All but the coroutine and the number of its waits, which only grows. */
static void clear(struct task *task)
{
    struct task kept;
    kept.co = task->co;
    kept.ref = task->ref;
    kept.generation = task->generation;
    memset(task, 0, offsetof(struct task, err));
    err_clear(&task->err);
    task->co = kept.co;
    task->ref = kept.ref;
    task->generation = kept.generation;
}

/* Level 1 is our own function, which the policy calls. */
static void refuse_task(lua_State *L)
{
    luaL_where(L, 2);
    lua_pushfstring(L, "more than %d coroutines at once: too many maps within maps", MAX_TASKS);
    lua_concat(L, 2);
    lua_error(L);
}

struct task *task_new(lua_State *L, struct evaluation *job, int count)
{
    static uint64_t serial;
    if (job->task_count >= MAX_TASKS)
        refuse_task(L);
    struct task *task = take_task(L, job->state);
    if (!lua_checkstack(task->co, count)) {
        leave_task(job->state, task);
        luaL_error(L, "not enough memory");
    }
    lua_xmove(L, task->co, count);
    clear(task);
    task->job = job;
    task->metered.budget = job->unlimited ? NULL : &job->budget;
    task->serial = ++serial;
    task->unit = task_of(L) != NULL ? task_of(L)->unit : NULL;
    task->next = job->tasks;
    job->tasks = task;
    job->task_count++;
    *(struct task **)lua_getextraspace(task->co) = task;
    ready_add(task, count - 1);
    return task;
}

void task_drop(struct task *task)
{
    if (task == NULL)
        return;
    struct evaluation *job = task->job;
    struct task **link = &job->tasks;
    wait_cancel(task);
    coroutine_wait_wake(task);
    ready_remove(task);
    while (*link != task)
        link = &(*link)->next;
    *link = task->next;
    job->task_count--;
    json_decref(task->result);
    *(struct task **)lua_getextraspace(task->co) = NULL;
    if (task->returned && task->ref != LUA_NOREF) {
        leave_task(job->state, task);
        return;
    }
    if (task->ref != LUA_NOREF) {
        lua_resetthread(task->co);
        luaL_unref(job->state->L, LUA_REGISTRYINDEX, task->ref);
    }
    mem_free(task);
}

int task_kill(lua_State *L, const char *why)
{
    struct task *task = task_of(L);
    if (!lua_isyieldable(L))
        return luaL_error(L, "%s", why);
    task->metered.killed = true;
    return lua_yield(L, 0);
}
