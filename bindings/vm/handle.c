#include "bindings/vm/handle.h"

#include <lauxlib.h>

#include "bindings/vm/job.h"

struct handle {
    uint64_t job; /* serial of its job: a pointer could outlive the job */
};

struct evaluation *handle_job(lua_State *L)
{
    const struct handle *handle = lua_touserdata(L, 1);
    bool is_handle = false;
    if (handle != NULL && lua_getmetatable(L, 1)) {
        is_handle = lua_topointer(L, -1) == state_of(L)->resource;
        lua_pop(L, 1);
    }
    luaL_argexpected(L, is_handle, 1, "resource or scope (call with ':')");
    struct task *task = task_of(L);
    if (task == NULL || task->job->serial != handle->job)
        luaL_error(L, "this resource or scope belongs to another audit, or to one that has ended");
    return task->job;
}

void handle_push(lua_State *L, const struct evaluation *job)
{
    struct handle *handle = lua_newuserdatauv(L, sizeof *handle, 0);
    handle->job = job->serial;
    state_push(L, STATE_RESOURCE);
    lua_setmetatable(L, -2);
}
