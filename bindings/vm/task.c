#include "bindings/vm/task.h"

#include "base/mem.h"
#include "bindings/vm/coroutine_wait.h"
#include "bindings/vm/job.h"
#include "bindings/vm/ready.h"
#include "bindings/vm/wait.h"

#define MAX_TASKS 500

struct task *task_new(lua_State *L, struct evaluation *job, int count)
{
    static uint64_t serial;
    if (job->task_count >= MAX_TASKS)
        luaL_error(L, "more than %d coroutines at once: too many maps within maps", MAX_TASKS);
    lua_State *co = lua_newthread(L);
    lua_insert(L, -count - 1);
    *(struct task **)lua_getextraspace(co) = NULL;
    luaL_checkstack(co, count, "too many arguments");
    lua_xmove(L, co, count);
    int ref = luaL_ref(L, LUA_REGISTRYINDEX);
    struct task *task = mem_alloc(sizeof *task);
    task->job = job;
    task->metered.budget = job->unlimited ? NULL : &job->budget;
    task->serial = ++serial;
    task->unit = task_of(L) != NULL ? task_of(L)->unit : NULL;
    task->co = co;
    task->ref = ref;
    task->next = job->tasks;
    job->tasks = task;
    job->task_count++;
    *(struct task **)lua_getextraspace(co) = task;
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
