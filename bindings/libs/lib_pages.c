#include "bindings/libs/lib_pages.h"

#include <lauxlib.h>
#include <string.h>

#include "aws/client/client.h"
#include "base/mem.h"
#include "bindings/libs/answer.h"
#include "bindings/libs/aws_call.h"
#include "bindings/libs/found.h"
#include "bindings/vm/errors.h"
#include "bindings/vm/job.h"
#include "bindings/vm/taint.h"
#include "bindings/vm/wait.h"

/* Owned by its job. Lua holds a handle, which may outlive the job, and may be collected without its
 * finalizer having run. */
struct pages {
    struct closer closer; /* in the list of its job */
    struct state *state;
    struct client_pages *row;
    struct shaped shaped; /* shape of each page */
    size_t held;          /* of the state's memory, for the parameters */
    struct wait *wait;    /* wait of the one coroutine that waits for a page, or NULL */
};

struct handle {
    uint64_t job; /* serial of its job */
    struct pages *pages;
};

static void free_row(struct closer *closer)
{
    struct pages *pages = (struct pages *)closer;
    client_pages_free(pages->row);
    state_let_go(pages->state, pages->held);
    mem_free(pages);
}

static void close_row(struct pages *pages)
{
    closer_remove(&pages->closer);
    free_row(&pages->closer);
}

/* Returns false if a coroutine waits for a page: then the pages stay open until the job ends. */
static bool close_handle(lua_State *L, struct handle *handle)
{
    struct evaluation *job = state_of(L)->jobs;
    while (job != NULL && job->serial != handle->job)
        job = job->next_job;
    if (job != NULL && handle->pages != NULL && handle->pages->wait != NULL)
        return false;
    if (job != NULL && handle->pages != NULL)
        close_row(handle->pages);
    handle->pages = NULL;
    return true;
}

static int pages_collected(lua_State *L)
{
    close_handle(L, lua_touserdata(L, 1));
    return 0;
}

/* Arguments: the handle, and the error that ends the loop, if any: it is raised on. */
static int pages_close(lua_State *L)
{
    struct handle *handle = lua_touserdata(L, 1);
    if (!close_handle(L, handle) && lua_isnoneornil(L, 2))
        return luaL_error(L, "these pages cannot be closed while another coroutine waits for one");
    return 0;
}

static void on_page(void *arg, json_t *result, const struct err *err)
{
    struct pages *pages = arg;
    struct wait *wait = pages->wait;
    pages->wait = NULL;
    wait_answer(wait, result, err);
}

static void cancel_page(struct wait *wait)
{
    struct pages *pages = wait->subject;
    pages->wait = NULL;
    client_pages_cancel(pages->row);
}

static int page_answered(lua_State *L, int status, lua_KContext context)
{
    struct err err;
    (void)status;
    (void)context;
    if (answer_failed(L, &err))
        return taint_raise(L, &err);
    answer_push(L);
    taint_end(L);
    return 1;
}

static void check_job(lua_State *L, const struct handle *handle)
{
    struct task *task = task_of(L);
    if (task == NULL || task->job->serial != handle->job)
        luaL_error(L, "these pages belong to another audit, or to one that has ended");
    aws_call_charge(L, task->job);
}

static int ask_for_page(lua_State *L, int status, lua_KContext context)
{
    struct handle *handle = lua_touserdata(L, lua_upvalueindex(1));
    struct err err = {0};
    (void)status, (void)context;
    if (handle->pages == NULL)
        return 0;
    taint_begin(L);
    check_job(L, handle);
    struct pages *pages = handle->pages;
    if (pages->wait != NULL)
        return taint_refuse(L, "another coroutine already waits for the next of these pages");
    wait_check(L);
    struct wait *wait = wait_new(L);
    wait->cancel = cancel_page;
    wait->subject = pages;
    wait->task->shaped = pages->shaped;
    if (client_pages_next(pages->row, &err, on_page, pages)) {
        pages->wait = wait;
        return wait_yield(L, wait, 0, page_answered);
    }
    wait_free(wait);
    close_row(pages);
    handle->pages = NULL;
    if (err.kind != ERR_NONE)
        return taint_raise(L, &err);
    taint_end(L);
    return 0;
}

/* Pushes the value of a loop's own local; pushes nothing and returns false if it is none. */
static bool push_loop_value(lua_State *L, const lua_Debug *caller, int number)
{
    const char *name = lua_getlocal(L, caller, number);
    if (name != NULL && strcmp(name, "(for state)") == 0)
        return true;
    if (name != NULL)
        lua_pop(L, 1);
    return false;
}

/* Are these locals of a loop the iterator at index 3 and, two further, the page at index 2? */
static bool keeps_page(lua_State *L, const lua_Debug *caller, int number)
{
    bool keeps = push_loop_value(L, caller, number) && lua_rawequal(L, 3, -1) &&
                 push_loop_value(L, caller, number + 2) && lua_rawequal(L, 2, -1);
    lua_settop(L, 3);
    return keeps;
}

/* The loop `for page in …` keeps the page that it calls the iterator with, which may be large, in a
 * local that no policy can read: it would stay there until the next page has come. Other loops of
 * the caller keep what they have. */
static void drop_last_page(lua_State *L)
{
    lua_Debug own, caller;
    lua_settop(L, 2);
    if (lua_istable(L, 2) && lua_getstack(L, 0, &own) && lua_getstack(L, 1, &caller)) {
        lua_getinfo(L, "f", &own);
        for (int i = 1; lua_getlocal(L, &caller, i) != NULL; i++) {
            lua_settop(L, 3);
            if (!keeps_page(L, &caller, i))
                continue;
            lua_pushnil(L);
            lua_setlocal(L, &caller, i + 2);
        }
    }
    lua_settop(L, 0);
}

static bool has_next(lua_State *L, const struct handle *handle)
{
    const struct task *task = task_of(L);
    return handle->pages != NULL && task != NULL && task->job->serial == handle->job &&
           client_pages_has_next(handle->pages->row);
}

/* The iterator. Its upvalue is the handle. */
static int next_page(lua_State *L)
{
    const struct handle *handle = lua_touserdata(L, lua_upvalueindex(1));
    drop_last_page(L);
    if (!has_next(L, handle))
        return ask_for_page(L, LUA_OK, 0);
    return found_wait_for_room(L, LISTING_TURNS_PAGE, ask_for_page);
}

static struct handle *push_handle(lua_State *L)
{
    struct handle *handle = lua_newuserdatauv(L, sizeof *handle, 0);
    *handle = (struct handle){.pages = NULL};
    state_push(L, STATE_PAGES);
    lua_setmetatable(L, -2);
    return handle;
}

static void open_row(struct handle *handle, struct evaluation *job, struct client_pages *row,
                     const struct call *call)
{
    struct pages *pages = mem_alloc(sizeof *pages);
    pages->row = row;
    pages->shaped = answer_shape(job->scope->client, call);
    pages->state = job->state;
    closer_add(&job->closers, &pages->closer, free_row);
    handle->pages = pages;
    handle->job = job->serial;
}

int lib_pages_start(lua_State *L, const struct aws_service *service)
{
    struct call call;
    struct err err = {0};
    const char *operation = luaL_checkstring(L, 2);
    lua_settop(L, 3);
    struct handle *handle = push_handle(L);
    aws_call_prepare(L, service, operation, &call);
    struct evaluation *job = task_of(L)->job;
    json_t *params = aws_call_params(L, 3, operation);
    const size_t bytes = params != NULL ? state_of(L)->taken : 0;
    call.params = params;
    struct client_pages *row = client_pages_new(job->scope->client, &call, &err);
    json_decref(params);
    if (row == NULL)
        return taint_raise(L, &err);
    open_row(handle, job, row, &call);
    if (!state_hold(job->state, bytes))
        return taint_refuse(L, "not enough memory for the pages");
    handle->pages->held = bytes;
    lua_pushvalue(L, 4);
    lua_pushcclosure(L, next_page, 1);
    lua_pushnil(L);
    lua_pushnil(L);
    lua_pushvalue(L, 4);
    return 4;
}

static const luaL_Reg metamethods[] = {
    {"__gc", pages_collected}, {"__close", pages_close}, {NULL, NULL}};

void lib_pages_open(lua_State *L)
{
    luaL_newlib(L, metamethods);
    state_store(L, STATE_PAGES);
}
