#include "bindings/libs/lib_resource.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "bindings/libs/caller.h"
#include "bindings/libs/found.h"
#include "bindings/libs/lib_aws.h"
#include "bindings/libs/listed.h"
#include "bindings/vm/convert_push.h"
#include "bindings/vm/convert_take.h"
#include "bindings/vm/handle.h"
#include "bindings/vm/job.h"
#include "bindings/vm/policy_file.h"
#include "bindings/vm/taint.h"
#include "bindings/vm/view.h"

#define LOG_MAX 1000
/* Lines that one job may log. A discovery processes all resources of an account. */
#define LOG_LINES 100
#define LOG_LINES_DISCOVER 1000

/* ---- methods ---- */

/* The job of a method that ends an audit. After a failed read, it is not known to be true that the
 * resource is gone or not ready. */
static struct evaluation *ending_job(lua_State *L, const char *method)
{
    struct evaluation *job = handle_job(L);
    if (job->kind != JOB_AUDIT)
        luaL_error(L, "%s() is for resources", method);
    taint_check(L);
    return job;
}

static int resource_later(lua_State *L)
{
    lua_Integer seconds = luaL_checkinteger(L, 2);
    luaL_argcheck(L, seconds >= 0 && seconds <= 7 * 24 * 3600, 2, "0 seconds to 7 days");
    ending_job(L, "later");
    return taint_later(L, seconds);
}

static int resource_gone(lua_State *L)
{
    ending_job(L, "gone")->gone = true;
    return task_kill(L, "it no longer exists");
}

static int resource_trusted(lua_State *L)
{
    struct evaluation *job = handle_job(L);
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
    handle_job(L);
    return callers_ask(L);
}

/* Allows one more line. The last line says that it is the last. */
static bool may_log(struct evaluation *job)
{
    int most = job->kind == JOB_DISCOVER ? LOG_LINES_DISCOVER : LOG_LINES;
    if (job->log_lines == most)
        log_info("%s: logs more than %d lines: the rest is omitted", job->state->file->policy.type,
                 most);
    job->log_lines += job->log_lines <= most;
    return job->log_lines <= most;
}

/* A listing is about a place. */
static struct log_subject subject_of(const struct evaluation *job)
{
    struct log_subject subject = {.type = job->state->file->policy.type};
    if (job->resource != NULL)
        subject = resource_subject(job->resource);
    if (job->resource == NULL && job->scope != NULL) {
        subject.account = job->scope->account;
        subject.region = job->scope->region;
    }
    return subject;
}

/* Writes the start of a table as JSON; false if the value is none, or JSON cannot represent it. */
static bool show_table(lua_State *L, int index, char shown[LOG_MAX])
{
    struct err err = {0};
    json_t *value =
        lua_istable(L, index) ? convert_take(L, index, CONVERT_STRICT, "value", &err) : NULL;
    char *text = value != NULL ? json_dumps(value, JSON_COMPACT) : NULL;
    json_decref(value);
    if (text == NULL)
        return false;
    snprintf(shown, LOG_MAX, "%s", text);
    mem_free(text);
    return true;
}

/* Pushes the text. */
static const char *push_shown(lua_State *L, int index, size_t *length)
{
    char shown[LOG_MAX];
    if (!show_table(L, index, shown))
        return luaL_tolstring(L, index, length);
    lua_pushstring(L, shown);
    return lua_tolstring(L, -1, length);
}

static int resource_log(lua_State *L)
{
    struct evaluation *job = handle_job(L);
    char bytes[LOG_MAX + 1];
    size_t used = 0;
    if (!may_log(job))
        return 0;
    for (int i = 2; i <= lua_gettop(L); i++) {
        size_t length;
        const char *text = push_shown(L, i, &length);
        for (size_t at = 0; at < length && used + 1 < LOG_MAX; at++)
            bytes[used++] = (unsigned char)text[at] < ' ' || text[at] == 127 ? ' ' : text[at];
        if (used < LOG_MAX)
            bytes[used++] = ' ';
        lua_pop(L, 1);
    }
    bytes[used > 0 ? used - 1 : 0] = '\0';
    const struct log_subject subject = subject_of(job);
    log_about(LOG_INFO, &subject, "%s: %s", subject.type, bytes);
    return 0;
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

/* Most names differ in their first letter from the one that is asked for. */
static inline bool is(const char *name, const char *field)
{
    return name[0] == field[0] && strcmp(name, field) == 0;
}

static int push_field(lua_State *L, const struct evaluation *job, const char *name)
{
    const struct resource *resource = job->resource;
    if (is(name, "aws")) {
        lib_aws_push_here(L);
        return 1;
    }
    if (is(name, "account"))
        return push_text(L, job->scope->account);
    if (is(name, "region"))
        return push_text(L, job->scope->region);
    if (is(name, "now"))
        return push_now(L, job);
    if (is(name, "settings"))
        return push_settings(L, job);
    if (resource != NULL && is(name, "id"))
        return push_text(L, resource->id);
    if (resource != NULL && is(name, "type"))
        return push_text(L, resource->type);
    if (resource != NULL && is(name, "listed"))
        return listed_push(L, job);
    if (resource == NULL && is(name, "wants_listed")) {
        lua_pushboolean(L, job->scope->wants_listed);
        return 1;
    }
    return luaL_error(L, "a %s has no \"%s\"", resource != NULL ? "resource" : "scope", name);
}

static int resource_index(lua_State *L)
{
    const struct evaluation *job = handle_job(L);
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

static const luaL_Reg methods[] = {
    {"later", resource_later},
    {"gone", resource_gone},
    {"trusted", resource_trusted},
    {"log", resource_log},
    {"found", found_id},
    {"caller", resource_caller},
    {NULL, NULL},
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
    state_of(L)->resource = lua_topointer(L, -1);
    state_store(L, STATE_RESOURCE);
}
