#include "bindings/libs/lib_map.h"

#include <lauxlib.h>

#include "base/mem.h"
#include "bindings/vm/job.h"
#include "bindings/vm/ready.h"
#include "bindings/vm/taint.h"
#include "bindings/vm/wait.h"

/* The workers that one coroutine waits for. Owned by its wait. */
struct map {
    struct task *parent;
    struct wait *wait;
    lua_Integer left;
};

/* Starts again from the head after each one: a child also removes the workers of its own maps. */
static void drop_children(struct evaluation *job, const struct map *map)
{
    struct task *task = job->tasks;
    while (task != NULL) {
        bool child = task->map == map;
        if (child) {
            taint_give_up(map->parent->unit, task);
            task_drop(task);
        }
        task = child ? job->tasks : task->next;
    }
}

static void map_cancel(struct wait *wait)
{
    struct map *map = wait->subject;
    drop_children(map->parent->job, map);
    mem_free(map);
}

/* Resumes the parent, which has `arguments` values on its stack. */
static void release(struct map *map, int arguments)
{
    struct task *parent = map->parent;
    drop_children(parent->job, map);
    parent->wait = NULL;
    wait_free(map->wait);
    mem_free(map);
    ready_add(parent, arguments);
}

static void child_over(struct task *child, enum task_outcome outcome)
{
    struct map *map = child->map;
    if (outcome != TASK_DONE) {
        bool room = lua_checkstack(map->parent->co, 1);
        if (room)
            lua_xmove(child->co, map->parent->co, 1);
        else
            err_set(&map->parent->err, ERR_LIMIT, "not enough memory");
        release(map, room ? 1 : 0);
        return;
    }
    task_drop(child);
    if (--map->left == 0)
        release(map, 0);
}

static int joined(lua_State *L, int status, lua_KContext context)
{
    (void)status;
    if (lua_gettop(L) > (int)context)
        return lua_error(L);
    if (task_of(L)->err.kind != ERR_NONE)
        return luaL_error(L, "%s", task_of(L)->err.message);
    return 0;
}

/* If a worker cannot be created, the collector frees what exists so far. */
static int map_join(lua_State *L)
{
    lua_Integer count = luaL_checkinteger(L, 3);
    struct task *task = task_of(L);
    if (count <= 0)
        return 0;
    wait_check(L);
    struct wait *wait = wait_new(L);
    struct map *map = mem_alloc(sizeof *map);
    *map = (struct map){.parent = task, .wait = wait, .left = count};
    wait->subject = map;
    wait->cancel = map_cancel;
    task->wait = wait; /* from here on, errors are cleaned up with the task */
    for (lua_Integer i = 0; i < count; i++) {
        lua_pushvalue(L, 1);
        lua_pushvalue(L, 2);
        struct task *child = task_new(L, task->job, 2);
        child->map = map;
        child->over = child_over;
    }
    return wait_yield(L, wait, lua_gettop(L), joined);
}

void lib_map_open(lua_State *L)
{
    lua_pushcfunction(L, map_join);
    lua_setfield(L, -2, "join");
}
