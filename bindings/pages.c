#include "pages.h"

#include <lauxlib.h>

#include "aws/client.h"
#include "aws_door.h"
#include "base/mem.h"
#include "convert.h"
#include "errors.h"
#include "scheduler.h"

/* Owned by its job. What Lua holds is a handle: it may outlive the job, and it may be collected
 * without its finalizer having run. */
struct pages {
    struct pages *next;
    struct client_pages *row;
};

struct handle {
    uint64_t job; /* its serial number */
    struct pages *pages;
};

static void close_row(struct evaluation *job, struct pages *pages)
{
    struct pages **link = &job->pages;
    while (*link != pages)
        link = &(*link)->next;
    *link = pages->next;
    client_pages_free(pages->row);
    mem_free(pages);
}

void pages_close_all(struct evaluation *job)
{
    while (job->pages != NULL)
        close_row(job, job->pages);
}

static int pages_close(lua_State *L)
{
    struct handle *handle = lua_touserdata(L, 1);
    struct evaluation *job = state_of(L)->jobs;
    while (job != NULL && job->serial != handle->job)
        job = job->next_job;
    if (job != NULL && handle->pages != NULL)
        close_row(job, handle->pages);
    handle->pages = NULL;
    return 0;
}

static void on_page(void *arg, json_t *result, const struct err *err)
{
    wait_answer(arg, result, err);
}

static void cancel_page(struct wait *wait)
{
    client_pages_cancel(wait->subject);
}

static int page_answered(lua_State *L, int status, lua_KContext context)
{
    struct task *task = task_of(L);
    (void)status;
    (void)context;
    if (task->err.kind != ERR_NONE)
        return errors_raise(L, &task->err);
    convert_push(L, task->result, CONVERT_REPLY);
    json_decref(task->result);
    task->result = NULL;
    return 1;
}

static struct evaluation *check_job(lua_State *L, const struct handle *handle)
{
    struct task *task = task_of(L);
    if (task == NULL || task->job->serial != handle->job)
        luaL_error(L, "these pages belong to another audit, or to one that is over");
    aws_charge(L, task->job);
    return task->job;
}

/* The iterator; its upvalue is the handle. */
static int next_page(lua_State *L)
{
    struct handle *handle = lua_touserdata(L, lua_upvalueindex(1));
    struct err err = {0};
    if (handle->pages == NULL)
        return 0;
    struct evaluation *job = check_job(L, handle);
    wait_check(L);
    struct wait *wait = wait_new(L);
    wait->cancel = cancel_page;
    wait->subject = handle->pages->row;
    if (client_pages_next(handle->pages->row, on_page, wait, &err))
        return wait_yield(L, wait, 0, page_answered);
    wait_drop(wait);
    close_row(job, handle->pages);
    handle->pages = NULL;
    return err.kind != ERR_NONE ? errors_raise(L, &err) : 0;
}

static struct handle *push_handle(lua_State *L)
{
    struct handle *handle = lua_newuserdatauv(L, sizeof *handle, 0);
    *handle = (struct handle){.pages = NULL};
    state_push(L, STATE_PAGES);
    lua_setmetatable(L, -2);
    return handle;
}

static void open_row(struct handle *handle, struct evaluation *job, struct client_pages *row)
{
    struct pages *pages = mem_alloc(sizeof *pages);
    pages->row = row;
    pages->next = job->pages;
    job->pages = pages;
    handle->pages = pages;
    handle->job = job->serial;
}

int pages_start(lua_State *L, const struct aws_service *service)
{
    struct call call;
    struct err err = {0};
    const char *operation = luaL_checkstring(L, 2);
    lua_settop(L, 3);
    struct handle *handle = push_handle(L);
    aws_caller(L, service, operation, &call);
    struct evaluation *job = task_of(L)->job;
    json_t *params = aws_params(L, 3, operation);
    call.params = params;
    struct client_pages *row = client_pages_new(job->scope->client, &call, &err);
    json_decref(params);
    if (row == NULL)
        return errors_raise(L, &err);
    open_row(handle, job, row);
    lua_pushvalue(L, 4);
    lua_pushcclosure(L, next_page, 1);
    lua_pushnil(L);
    lua_pushnil(L);
    lua_pushvalue(L, 4);
    return 4;
}

void pages_open(lua_State *L)
{
    lua_createtable(L, 0, 2);
    lua_pushcfunction(L, pages_close);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, pages_close);
    lua_setfield(L, -2, "__close");
    state_store(L, STATE_PAGES);
}
