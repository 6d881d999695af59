#include "bindings/vm/wait.h"

#include <string.h>

#include "base/mem.h"
#include "bindings/vm/host.h"
#include "bindings/vm/job.h"
#include "bindings/vm/ready.h"

/* A page of a thousand names is large: many listings may get theirs at the same time. */
#define LARGE_ANSWER (32u << 10)

void wait_free(struct wait *wait)
{
    if (wait == NULL)
        return;
    state_let_go(wait->task->job->state, wait->held);
    mem_free(wait);
}

void wait_cancel(struct task *task)
{
    struct wait *wait = task->wait;
    if (wait == NULL)
        return;
    task->wait = NULL;
    task->generation++;
    if (wait->cancel != NULL)
        wait->cancel(wait);
    wait_free(wait);
}

void wait_check(lua_State *L)
{
    struct task *task = task_of(L);
    if (!task->job->unlimited && !lua_isyieldable(L))
        luaL_error(L, "this waits for a response, which is not possible in a comparator or a "
                      "replacement function");
}

/* If there is a wait already, it was left incomplete by an error that the policy caught. */
struct wait *wait_new(lua_State *L)
{
    struct task *task = task_of(L);
    wait_cancel(task);
    json_decref(task->result);
    task->result = NULL;
    err_clear(&task->err);
    struct wait *wait = mem_alloc(sizeof *wait);
    wait->task = task;
    wait->generation = ++task->generation;
    return wait;
}

bool wait_hold(struct wait *wait, size_t bytes)
{
    if (!state_hold(wait->task->job->state, bytes))
        return false;
    wait->held += bytes;
    return true;
}

static bool is_interrupted(const struct task *task)
{
    const volatile sig_atomic_t *interrupted = task->job->state->interrupted;
    return interrupted != NULL && *interrupted != 0;
}

/* A script waits by running the loop. */
static void wait_here(struct task *task)
{
    struct loop *loop = host_loop(task->job->state->host);
    while (task->wait != NULL && !is_interrupted(task) && loop_turn(loop, -1))
        continue;
    if (task->wait == NULL)
        return;
    wait_cancel(task);
    if (is_interrupted(task))
        err_set(&task->err, ERR_CANCELLED, "interrupted: the call may have been made");
    else
        err_set(&task->err, ERR_INTERNAL, "the call got no response");
}

int wait_yield(lua_State *L, struct wait *wait, lua_KContext context, lua_KFunction k)
{
    struct task *task = wait->task;
    task->wait = wait;
    if (!task->job->unlimited)
        return lua_yieldk(L, 0, context, k);
    wait_here(task);
    return k(L, LUA_YIELD, context);
}

/* An estimate: it stops as soon as the value is known to be large. */
static size_t rough_size(const json_t *value, size_t most)
{
    size_t size = 64, i;
    const char *key;
    json_t *item;
    if (json_is_string(value))
        return size + json_string_length(value);
    json_array_foreach (value, i, item) {
        if (size >= most)
            return size;
        size += rough_size(item, most - size);
    }
    json_object_foreach ((json_t *)(uintptr_t)value, key, item) {
        if (size >= most)
            return size;
        size += strlen(key) + rough_size(item, most - size);
    }
    return size;
}

/* Large answers are not kept in memory until their job has its turn. (If it has it now, the size
 * does not matter.) */
static bool goes_on_at_once(const struct evaluation *job, const json_t *result)
{
    return result != NULL && host_turn_is_over(job->state->host) &&
           rough_size(result, LARGE_ANSWER) >= LARGE_ANSWER;
}

void wait_answer(struct wait *wait, json_t *result, const struct err *err)
{
    struct task *task = wait->task;
    if (task->wait != wait || task->generation != wait->generation)
        return; /* a response to a wait that has ended */
    task->wait = NULL;
    wait_free(wait);
    if (err != NULL)
        task->err = *err;
    else
        task->result = json_incref(result);
    if (task->job->unlimited)
        return;
    ready_add(task, 0);
    task->job->go_on(task->job, goes_on_at_once(task->job, result));
}
