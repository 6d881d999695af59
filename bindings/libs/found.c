#include "bindings/libs/found.h"

#include <lauxlib.h>
#include <string.h>

#include "base/region.h"
#include "bindings/libs/listed.h"
#include "bindings/vm/box.h"
#include "bindings/vm/handle.h"
#include "bindings/vm/job.h"
#include "bindings/vm/view.h"
#include "bindings/vm/wait.h"

/* Bytes that the core keeps for each id found, in addition to the id. */
#define FOUND_BYTES 64
#define FULL_WAIT_MS 20
#define MAX_ID 4096

/* ---- arguments ---- */

static void check_id(lua_State *L, int index)
{
    size_t length = 0;
    const char *id = lua_type(L, index) == LUA_TSTRING ? lua_tolstring(L, index, &length) : NULL;
    if (length == 0 || strlen(id) != length)
        luaL_error(L, "found: an id is a string, not empty and without zero bytes");
    if (length > MAX_ID)
        luaL_error(L, "found: an id is longer than %d bytes", MAX_ID);
}

static void refuse_option(lua_State *L, const char *name)
{
    luaL_error(L,
               "found: option \"%s\" is not { test = true or false, region = a name, as "
               "\"us-east-1\", listed = what the response says about the one id }",
               name);
}

static void check_names(lua_State *L)
{
    for (lua_pushnil(L); lua_next(L, 3) != 0; lua_pop(L, 1)) {
        const char *name = luaL_tolstring(L, -2, NULL);
        if (strcmp(name, "test") != 0 && strcmp(name, "region") != 0 && strcmp(name, "listed") != 0)
            refuse_option(L, name);
        lua_pop(L, 1);
    }
}

/* Pushes the option; false if it is not given. `type` is the type of Lua that it must have. */
static bool push_option(lua_State *L, const char *name, int type)
{
    int found = lua_getfield(L, 3, name);
    if (found != LUA_TNIL && found != type)
        refuse_option(L, name);
    return found != LUA_TNIL;
}

static void take_all(lua_State *L, const struct evaluation *job, json_t *options)
{
    if (push_option(L, "region", LUA_TSTRING)) {
        if (!region_is_name(lua_tostring(L, -1)))
            refuse_option(L, "region");
        json_object_set_new(options, "region", json_string(lua_tostring(L, -1)));
    }
    if (push_option(L, "test", LUA_TBOOLEAN))
        json_object_set_new(options, "test", json_boolean(lua_toboolean(L, -1)));
    if (push_option(L, "listed", LUA_TTABLE)) {
        if (lua_istable(L, 2))
            refuse_option(L, "listed");
        if (job->scope->wants_listed)
            json_object_set_new(options, "listed", listed_take(L, lua_gettop(L)));
    }
}

#define BOX 4 /* index of the box with the options */

/* Returns the options in a box, so that nothing leaks if something raises. */
static const json_t *take_options(lua_State *L, const struct evaluation *job)
{
    if (lua_isnoneornil(L, 3))
        return NULL;
    luaL_checktype(L, 3, LUA_TTABLE);
    check_names(L);
    json_t **options = box_push(L);
    *options = json_object();
    take_all(L, job, *options);
    return *options;
}

/* ---- waiting for the receiver ---- */

static bool is_full(const struct evaluation *job, enum listing_point point)
{
    const struct scope *scope = job->scope;
    return scope->full != NULL && scope->full(scope->full_arg, point);
}

static void look_again(struct wait *wait, enum listing_point point, loop_fn look)
{
    struct evaluation *job = wait->task->job;
    if (is_full(job, point))
        wait->subject = loop_after(state_loop(job->state), FULL_WAIT_MS, look, wait);
    else
        wait_answer(wait, NULL, NULL);
}

static void look_after_found(void *arg)
{
    look_again(arg, LISTING_FOUND, look_after_found);
}

static void look_before_page(void *arg)
{
    look_again(arg, LISTING_TURNS_PAGE, look_before_page);
}

static void cancel_look(struct wait *wait)
{
    loop_cancel(state_loop(wait->task->job->state), wait->subject);
}

static int has_room(lua_State *L, int status, lua_KContext context)
{
    (void)L, (void)status, (void)context;
    return 0;
}

int found_wait_for_room(lua_State *L, enum listing_point point, lua_KFunction then)
{
    const struct task *task = task_of(L);
    struct evaluation *job = task != NULL ? task->job : NULL;
    if (job == NULL || job->kind != JOB_DISCOVER || job->cancelled || !is_full(job, point) ||
        !lua_isyieldable(L))
        return then(L, LUA_OK, 0);
    struct wait *wait = wait_new(L);
    loop_fn look = point == LISTING_FOUND ? look_after_found : look_before_page;
    wait->cancel = cancel_look;
    wait->subject = loop_after(state_loop(job->state), FULL_WAIT_MS, look, wait);
    return wait_yield(L, wait, 0, then);
}

/* ---- found ---- */

/* The id is on top. */
static void report(lua_State *L, struct evaluation *job, const json_t *options)
{
    size_t bytes = lua_rawlen(L, -1) + FOUND_BYTES;
    if (!state_hold(job->state, bytes))
        luaL_error(L, "not enough memory: too many ids were found in this account and region");
    job->held += bytes;
    if (!job->cancelled)
        job->found(job->arg, lua_tostring(L, -1), options);
}

static void report_list(lua_State *L, struct evaluation *job, const json_t *options)
{
    lua_Integer count = luaL_len(L, 2);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_geti(L, 2, i);
        if (lua_type(L, -1) == LUA_TSTRING)
            report(L, job, options);
        lua_pop(L, 1);
    }
}

/* A table with other keys is not a list, and has no ids: a response in place of its list. */
static void check_list(lua_State *L)
{
    int top = lua_gettop(L);
    int table = view_real(L, 2) ? top + 1 : 2;
    lua_pushnil(L);
    if (lua_next(L, table) != 0 && lua_type(L, -2) != LUA_TNUMBER)
        luaL_error(L, "found: an id is a string; this is a table with \"%s\"",
                   luaL_tolstring(L, -2, NULL));
    lua_settop(L, top);
}

/* All ids are checked before the first is reported. */
static void check_ids(lua_State *L)
{
    lua_Integer count = lua_istable(L, 2) ? luaL_len(L, 2) : 0;
    if (lua_istable(L, 2))
        check_list(L);
    else
        check_id(L, 2);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_geti(L, 2, i);
        check_id(L, -1);
        lua_pop(L, 1);
    }
}

int found_id(lua_State *L)
{
    struct evaluation *job = handle_job(L);
    if (job->kind != JOB_DISCOVER)
        return luaL_error(L, "found() is for scopes");
    check_ids(L);
    lua_settop(L, BOX - 1);
    const json_t *options = take_options(L, job);
    if (lua_istable(L, 2)) {
        report_list(L, job, options);
    } else {
        lua_pushvalue(L, 2);
        report(L, job, options);
    }
    if (options != NULL)
        box_empty(L, BOX);
    return found_wait_for_room(L, LISTING_FOUND, has_room);
}
