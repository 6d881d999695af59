#include "bindings/libs/lib_resource.h"

#include <lauxlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/region.h"
#include "bindings/libs/caller.h"
#include "bindings/libs/lib_aws.h"
#include "bindings/vm/box.h"
#include "bindings/vm/convert_push.h"
#include "bindings/vm/convert_take.h"
#include "bindings/vm/errors.h"
#include "bindings/vm/job.h"
#include "bindings/vm/policy_file.h"
#include "bindings/vm/taint.h"
#include "bindings/vm/view.h"
#include "bindings/vm/wait.h"

#define LOG_MAX 1000
/* Lines that one job may log. A discovery processes all resources of an account. */
#define LOG_LINES 100
#define LOG_LINES_DISCOVER 1000
/* Bytes that the core keeps for each id found, in addition to the id. */
#define FOUND_BYTES 64
#define FULL_WAIT_MS 20
#define MAX_ID 4096

struct handle {
    uint64_t job; /* serial of its job: a pointer could outlive the job */
};

static struct evaluation *check_handle(lua_State *L)
{
    const struct handle *handle = lua_touserdata(L, 1);
    bool is_handle = false;
    if (handle != NULL && lua_getmetatable(L, 1)) {
        state_push(L, STATE_RESOURCE);
        is_handle = lua_rawequal(L, -1, -2);
        lua_pop(L, 2);
    }
    luaL_argexpected(L, is_handle, 1, "resource or scope (call with ':')");
    struct task *task = task_of(L);
    if (task == NULL || task->job->serial != handle->job)
        luaL_error(L, "this resource or scope belongs to another audit, or to one that is over");
    return task->job;
}

/* ---- methods ---- */

static int resource_later(lua_State *L)
{
    struct evaluation *job = check_handle(L);
    lua_Integer seconds = luaL_checkinteger(L, 2);
    luaL_argcheck(L, seconds >= 0 && seconds <= 7 * 24 * 3600, 2, "0 seconds to 7 days");
    if (job->kind != JOB_AUDIT)
        return luaL_error(L, "later() is for resources");
    taint_check(L); /* after a failed read, "not ready" is not known to be true */
    job->later = true;
    job->later_s = seconds;
    return task_kill(L, "not ready yet");
}

static int resource_trusted(lua_State *L)
{
    struct evaluation *job = check_handle(L);
    const char *id = luaL_checkstring(L, 2);
    const struct scope *scope = job->scope;
    int trusted = scope->trusted != NULL ? scope->trusted(scope->trusted_arg, id) : 0;
    if (trusted < 0)
        lua_pushnil(L);
    else
        lua_pushboolean(L, trusted > 0);
    const char *doubt =
        trusted == 0 && scope->doubt != NULL ? scope->doubt(scope->trusted_arg, id) : NULL;
    lua_pushstring(L, doubt); /* nil if there is none */
    return 2;
}

static int resource_caller(lua_State *L)
{
    taint_begin(L);
    check_handle(L);
    return callers_ask(L);
}

/* Allows one more line. The last line says that it is the last. */
static bool may_log(struct evaluation *job)
{
    int most = job->kind == JOB_DISCOVER ? LOG_LINES_DISCOVER : LOG_LINES;
    if (job->log_lines == most)
        log_info("%s: logs more than %d lines: the rest is left out", job->state->file->policy.type,
                 most);
    job->log_lines += job->log_lines <= most;
    return job->log_lines <= most;
}

static int resource_log(lua_State *L)
{
    struct evaluation *job = check_handle(L);
    char bytes[LOG_MAX + 1];
    size_t used = 0;
    if (!may_log(job))
        return 0;
    for (int i = 2; i <= lua_gettop(L); i++) {
        size_t length;
        const char *text = luaL_tolstring(L, i, &length);
        for (size_t at = 0; at < length && used + 1 < LOG_MAX; at++)
            bytes[used++] = (unsigned char)text[at] < ' ' || text[at] == 127 ? ' ' : text[at];
        if (used < LOG_MAX)
            bytes[used++] = ' ';
        lua_pop(L, 1);
    }
    bytes[used > 0 ? used - 1 : 0] = '\0';
    log_info("%s: %s", job->state->file->policy.type, bytes);
    return 0;
}

static int check_id(lua_State *L, int index)
{
    size_t length = 0;
    const char *id = lua_type(L, index) == LUA_TSTRING ? lua_tolstring(L, index, &length) : NULL;
    if (length == 0 || strlen(id) != length)
        return luaL_error(L, "found: an id is a string, not empty and without zero bytes");
    if (length > MAX_ID)
        return luaL_error(L, "found: an id is longer than %d bytes", MAX_ID);
    return 0;
}

/* Returns the options in a box, so that nothing leaks if something raises. */
static const json_t *found_options(lua_State *L)
{
    struct err err = {0};
    json_t **options = box_push(L);
    *options = convert_take(L, 3, CONVERT_STRICT, "options", &err);
    const char *key;
    json_t *value;
    if (*options == NULL)
        errors_raise(L, &err);
    json_object_foreach (*options, key, value) {
        bool good = (strcmp(key, "test") == 0 && json_is_boolean(value)) ||
                    (strcmp(key, "region") == 0 && json_is_string(value) &&
                     region_is_name(json_string_value(value)));
        if (!good)
            luaL_error(L,
                       "found: option \"%s\" is not { test = true or false, "
                       "region = a name, as \"us-east-1\" }",
                       key);
    }
    return *options;
}

static void report_found(lua_State *L, struct evaluation *job, const json_t *options)
{
    size_t bytes = lua_rawlen(L, -1) + FOUND_BYTES;
    if (!state_hold(job->state, bytes))
        luaL_error(L, "not enough memory: too many ids were found in one place");
    job->held += bytes;
    if (!job->cancelled)
        job->found(job->arg, lua_tostring(L, -1), options);
}

/* ---- found: if the receiver of the ids has enough of them, the discovery waits ---- */

static bool is_full(const struct evaluation *job)
{
    const struct scope *scope = job->scope;
    return scope->full != NULL && scope->full(scope->full_arg);
}

static void look_again(void *arg)
{
    struct wait *wait = arg;
    struct evaluation *job = wait->task->job;
    if (is_full(job))
        wait->subject = loop_after(state_loop(job->state), FULL_WAIT_MS, look_again, wait);
    else
        wait_answer(wait, NULL, NULL);
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

static int wait_for_room(lua_State *L, struct evaluation *job)
{
    if (job->cancelled || !is_full(job) || !lua_isyieldable(L))
        return 0;
    struct wait *wait = wait_new(L);
    wait->cancel = cancel_look;
    wait->subject = loop_after(state_loop(job->state), FULL_WAIT_MS, look_again, wait);
    return wait_yield(L, wait, 0, has_room);
}

static int resource_found(lua_State *L)
{
    struct evaluation *job = check_handle(L);
    const json_t *options = NULL;
    if (job->kind != JOB_DISCOVER)
        return luaL_error(L, "found() is for scopes");
    lua_Integer count = lua_istable(L, 2) ? luaL_len(L, 2) : 0;
    if (!lua_istable(L, 2))
        check_id(L, 2);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_geti(L, 2, i);
        check_id(L, -1);
        lua_pop(L, 1);
    }
    if (!lua_isnoneornil(L, 3)) {
        luaL_checktype(L, 3, LUA_TTABLE);
        options = found_options(L);
    }
    if (!lua_istable(L, 2)) {
        lua_pushvalue(L, 2);
        report_found(L, job, options);
    }
    for (lua_Integer i = 1; i <= count; i++) {
        lua_geti(L, 2, i);
        if (lua_type(L, -1) == LUA_TSTRING)
            report_found(L, job, options);
        lua_pop(L, 1);
    }
    return wait_for_room(L, job);
}

/* ---- fields ---- */

/* One frozen copy for all jobs with the same settings, which are those of the run. */
static int push_settings(lua_State *L, const struct evaluation *job)
{
    struct state *state = job->state;
    if (job->scope->settings != state->settings || state->settings == NULL) {
        convert_push(L, job->scope->settings, CONVERT_REPLY);
        if (!lua_istable(L, -1))
            lua_newtable(L);
        view_freeze_deep(L);
        state_store(L, STATE_SETTINGS);
        state->settings = job->scope->settings;
    }
    state_push(L, STATE_SETTINGS);
    return 1;
}

static int push_now(lua_State *L, const struct evaluation *job)
{
    int64_t now_ms = job->scope->now_ms != 0 ? job->scope->now_ms : clock_wall_ms();
    lua_pushinteger(L, now_ms / 1000);
    return 1;
}

static int push_text(lua_State *L, const char *text)
{
    lua_pushstring(L, text);
    return 1;
}

static int push_field(lua_State *L, const struct evaluation *job, const char *name)
{
    const struct resource *resource = job->resource;
    if (strcmp(name, "aws") == 0) {
        lib_aws_push_here(L);
        return 1;
    }
    if (strcmp(name, "account") == 0)
        return push_text(L, job->scope->account);
    if (strcmp(name, "region") == 0)
        return push_text(L, job->scope->region);
    if (strcmp(name, "now") == 0)
        return push_now(L, job);
    if (strcmp(name, "settings") == 0)
        return push_settings(L, job);
    if (resource != NULL && strcmp(name, "id") == 0)
        return push_text(L, resource->id);
    if (resource != NULL && strcmp(name, "type") == 0)
        return push_text(L, resource->type);
    return luaL_error(L, "a %s has no \"%s\"", resource != NULL ? "resource" : "scope", name);
}

static int resource_index(lua_State *L)
{
    const struct evaluation *job = check_handle(L);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
        return 1;
    return push_field(L, job, luaL_checkstring(L, 2));
}

static int resource_refuse(lua_State *L)
{
    return luaL_error(L, "\"%s\" cannot be set: resources and scopes are read-only",
                      luaL_tolstring(L, 2, NULL));
}

void lib_resource_push(lua_State *L, const struct evaluation *job)
{
    struct handle *handle = lua_newuserdatauv(L, sizeof *handle, 0);
    handle->job = job->serial;
    state_push(L, STATE_RESOURCE);
    lua_setmetatable(L, -2);
}

static const luaL_Reg methods[] = {
    {"later", resource_later}, {"trusted", resource_trusted}, {"log", resource_log},
    {"found", resource_found}, {"caller", resource_caller},   {NULL, NULL},
};

void lib_resource_open(lua_State *L)
{
    luaL_setfuncs(L, methods, 0);
    lua_createtable(L, 0, 4);
    lua_insert(L, -2);
    lua_pushcclosure(L, resource_index, 1);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, resource_refuse);
    lua_setfield(L, -2, "__newindex");
    lua_pushliteral(L, "resource");
    lua_setfield(L, -2, "__name");
    state_store(L, STATE_RESOURCE);
}
