#include "bindings/vm/coroutine_wait.h"

#include <lauxlib.h>

#include "base/mem.h"
#include "bindings/vm/job.h"
#include "bindings/vm/ready.h"
#include "bindings/vm/wait.h"

/* Marks a wait for another coroutine of the job, whose serial is the subject. There is nothing to
 * cancel; the address of this function identifies such a wait. */
static void cancel_turn(struct wait *wait)
{
    (void)wait;
}

static void *subject_of(uint64_t serial)
{
    return (void *)(uintptr_t)serial;
}

void coroutine_wait_wake(struct task *task)
{
    for (struct task *other = task->job->tasks; other != NULL; other = other->next) {
        struct wait *wait = other->wait;
        if (wait == NULL || wait->cancel != cancel_turn ||
            wait->subject != subject_of(task->serial))
            continue;
        other->wait = NULL;
        mem_free(wait);
        ready_add(other, 0);
    }
}

static int core_me(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)task_of(L)->serial);
    return 1;
}

static bool is_there(const struct evaluation *job, uint64_t serial)
{
    const struct task *task = job->tasks;
    while (task != NULL && task->serial != serial)
        task = task->next;
    return task != NULL;
}

static int turned(lua_State *L, int status, lua_KContext context)
{
    (void)status, (void)context;
    lua_pushboolean(L, true);
    return 1;
}

static int core_wait_for(lua_State *L)
{
    uint64_t serial = (uint64_t)luaL_checkinteger(L, 1);
    if (!is_there(task_of(L)->job, serial)) {
        lua_pushboolean(L, false);
        return 1;
    }
    wait_check(L);
    struct wait *wait = wait_new(L);
    wait->cancel = cancel_turn;
    wait->subject = subject_of(serial);
    return wait_yield(L, wait, 0, turned);
}

static int core_wake(lua_State *L)
{
    coroutine_wait_wake(task_of(L));
    return 0;
}

static const luaL_Reg functions[] = {
    {"me", core_me},
    {"wait_for", core_wait_for},
    {"wake", core_wake},
    {NULL, NULL},
};

void coroutine_wait_open(lua_State *L)
{
    luaL_setfuncs(L, functions, 0);
}
