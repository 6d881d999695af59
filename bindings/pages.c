#include "pages.h"

#include <lauxlib.h>

#include "aws/client.h"
#include "aws_door.h"
#include "convert.h"
#include "errors.h"
#include "scheduler.h"

struct pages {
    struct pages *next;
    struct evaluation *job;
    struct client_pages *row;
};

static void close_row(struct pages *pages)
{
    if (pages->row != NULL)
        client_pages_free(pages->row);
    pages->row = NULL;
    if (pages->job == NULL)
        return;
    struct pages **link = &pages->job->pages;
    while (*link != pages)
        link = &(*link)->next;
    *link = pages->next;
    pages->job = NULL;
}

void pages_close_all(struct evaluation *job)
{
    while (job->pages != NULL)
        close_row(job->pages);
}

static int pages_close(lua_State *L)
{
    close_row(lua_touserdata(L, 1));
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

/* The iterator; its upvalue is the row. */
static int next_page(lua_State *L)
{
    struct pages *pages = lua_touserdata(L, lua_upvalueindex(1));
    struct task *task = task_of(L);
    struct err err = {0};
    if (pages->row == NULL)
        return 0;
    if (task == NULL || pages->job != task->job)
        return luaL_error(L, "these pages belong to another audit");
    if (!task->job->unlimited && task->job->budget.calls-- == 0) {
        task->job->budget.calls = 0;
        return luaL_error(L, "the policy asked AWS too often: its budget of requests is used up");
    }
    wait_check(L);
    struct wait *wait = wait_new(L);
    wait->cancel = cancel_page;
    wait->subject = pages->row;
    if (client_pages_next(pages->row, on_page, wait, &err))
        return wait_yield(L, wait, 0, page_answered);
    wait_drop(wait);
    close_row(pages);
    return err.kind != ERR_NONE ? errors_raise(L, &err) : 0;
}

static struct pages *push_pages(lua_State *L)
{
    struct pages *pages = lua_newuserdatauv(L, sizeof *pages, 0);
    *pages = (struct pages){.row = NULL};
    state_push(L, STATE_PAGES);
    lua_setmetatable(L, -2);
    return pages;
}

int pages_start(lua_State *L, const struct aws_service *service)
{
    struct call call;
    struct err err = {0};
    const char *operation = luaL_checkstring(L, 2);
    lua_settop(L, 3);
    struct pages *pages = push_pages(L);
    aws_caller(L, service, operation, &call);
    struct evaluation *job = task_of(L)->job;
    json_t *params = aws_params(L, 3, operation);
    call.params = params;
    pages->row = client_pages_new(job->scope->client, &call, &err);
    json_decref(params);
    if (pages->row == NULL)
        return errors_raise(L, &err);
    pages->job = job;
    pages->next = job->pages;
    job->pages = pages;
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
