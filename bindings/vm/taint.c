#include "bindings/vm/taint.h"

#include <lauxlib.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "bindings/vm/errors.h"
#include "bindings/vm/job.h"
#include "bindings/vm/wait.h"

#define NOT_READY "not ready yet"

struct unit {
    struct closer closer; /* in the list of its job */
    int open;             /* calls that neither returned nor failed with a code listed by `try` */
    bool apart;           /* may be not ready without the rest of its job */
    lua_Integer later_s;  /* not ready yet: ready in so many seconds; -1: it is */
    struct err *err;      /* the first error that a call raised; NULL: none known */
    struct err *tolerated;
    struct unit *before; /* the unit that the task was in */
};

static struct unit *running(lua_State *L)
{
    struct task *task = task_of(L);
    return task != NULL ? task->unit : NULL;
}

static bool is_tainted(const struct unit *unit)
{
    return unit->err != NULL || unit->open > 0;
}

static void note(struct err **place, const struct err *err)
{
    if (*place != NULL)
        return;
    *place = mem_alloc(sizeof **place);
    **place = *err;
}

void taint_begin(lua_State *L)
{
    struct unit *unit = running(L);
    if (unit != NULL)
        unit->open++;
}

void taint_end(lua_State *L)
{
    struct unit *unit = running(L);
    if (unit != NULL)
        unit->open--;
}

void taint_give_up(struct unit *unit, const struct task *worker)
{
    if (unit != NULL && (worker->wait != NULL || worker->unit != unit))
        unit->open++;
}

/* Finds the position in the policy's code, which may be above a metamethod of ours. */
static void push_position(lua_State *L)
{
    lua_Debug activation;
    for (int level = 1; level <= 3 && lua_getstack(L, level, &activation); level++) {
        lua_getinfo(L, "Sl", &activation);
        if (activation.currentline > 0) {
            lua_pushfstring(L, "%s:%d: ", activation.short_src, activation.currentline);
            return;
        }
    }
    lua_pushliteral(L, "");
}

/* Parameters are the author's: the message says where they are. */
static void add_position(lua_State *L, struct err *err)
{
    struct err plain = *err;
    push_position(L);
    err_set(err, plain.kind, "%s%s", lua_tostring(L, -1), plain.message);
    snprintf(err->operation, sizeof err->operation, "%s", plain.operation);
    lua_pop(L, 1);
}

int taint_raise(lua_State *L, const struct err *err)
{
    struct unit *unit = running(L);
    struct err raised = *err;
    if (raised.kind == ERR_PARAM)
        add_position(L, &raised);
    if (unit != NULL)
        note(&unit->err, &raised);
    return errors_raise(L, &raised);
}

int taint_refuse(lua_State *L, const char *format, ...)
{
    struct err err = {.kind = ERR_POLICY};
    struct unit *unit = running(L);
    va_list args;
    push_position(L);
    int used = snprintf(err.message, sizeof err.message, "%s", lua_tostring(L, -1));
    va_start(args, format);
    if (used >= 0 && (size_t)used < sizeof err.message)
        vsnprintf(err.message + used, sizeof err.message - (size_t)used, format, args);
    va_end(args);
    if (unit != NULL)
        note(&unit->err, &err);
    lua_pushstring(L, err.message);
    return lua_error(L);
}

void taint_tolerate(lua_State *L, const struct err *err)
{
    struct unit *unit = running(L);
    if (unit != NULL)
        note(&unit->tolerated, err);
}

void taint_check(lua_State *L)
{
    const struct unit *unit = running(L);
    if (unit == NULL || !is_tainted(unit))
        return;
    if (unit->err != NULL)
        errors_raise(L, unit->err);
    luaL_error(L, "an earlier call failed");
}

int taint_later(lua_State *L, lua_Integer seconds)
{
    struct task *task = task_of(L);
    struct unit *unit = task->unit;
    if (unit == NULL || !unit->apart) {
        task->job->later = true;
        task->job->later_s = seconds;
        return task_kill(L, NOT_READY);
    }
    unit->later_s = seconds;
    lua_pushliteral(L, NOT_READY);
    return lua_error(L);
}

static void close_unit(struct closer *closer)
{
    struct unit *unit = (struct unit *)closer;
    mem_free(unit->err);
    mem_free(unit->tolerated);
    mem_free(unit);
}

/* ---- for the drivers ---- */

static void push_err(lua_State *L, const struct err *err)
{
    if (err != NULL)
        errors_push(L, err);
    else
        lua_pushnil(L);
}

/* Was the error a text, which says by itself where it was raised, if it is to? */
static bool is_text(const struct err *err)
{
    return err->kind == ERR_POLICY && err->code[0] == '\0' && err->operation[0] == '\0';
}

/* The error of a unit, or nil. If its function raised one, that is the value at `raised`. */
static void push_problem(lua_State *L, const struct unit *unit, int raised)
{
    if (unit->err != NULL && is_text(unit->err))
        lua_pushstring(L, unit->err->message);
    else if (unit->err != NULL)
        errors_push(L, unit->err);
    else if (unit->later_s >= 0)
        lua_pushliteral(L, NOT_READY);
    else if (raised != 0 && lua_toboolean(L, raised))
        lua_pushvalue(L, raised);
    else if (raised != 0)
        errors_push(
            L, &(struct err){.kind = ERR_POLICY, .message = "raised nil instead of a message"});
    else if (unit->open > 0)
        lua_pushliteral(L, "a call failed or was cancelled, and the policy continued without its "
                           "response");
    else
        lua_pushnil(L);
}

static int unit_ended(lua_State *L, int status, lua_KContext context)
{
    const struct unit *unit = (const struct unit *)context;
    int results = lua_gettop(L);
    bool failed = status != LUA_OK && status != LUA_YIELD;
    task_of(L)->unit = unit->before;
    task_of(L)->later_s = unit->err == NULL ? unit->later_s : -1;
    luaL_checkstack(L, 8, "too many results");
    push_problem(L, unit, failed ? results : 0);
    push_err(L, unit->tolerated);
    lua_rotate(L, 1, 2);
    return results + 2;
}

/* Runs a function of the policy as a unit of its own. Returns the error that it or one of its calls
 * raised, the first tolerated refusal, and the function's results. */
static int run_unit(lua_State *L, bool apart)
{
    struct task *task = task_of(L);
    struct unit *unit = mem_alloc(sizeof *unit);
    unit->apart = apart;
    unit->later_s = -1;
    closer_add(&task->job->closers, &unit->closer, close_unit);
    unit->before = task->unit;
    task->unit = unit;
    lua_KContext context = (lua_KContext)unit;
    int status = lua_pcallk(L, lua_gettop(L) - 1, LUA_MULTRET, 0, context, unit_ended);
    return unit_ended(L, status, context);
}

static int core_run(lua_State *L)
{
    return run_unit(L, false);
}

static int core_run_apart(lua_State *L)
{
    return run_unit(L, true);
}

static int core_delay(lua_State *L)
{
    if (task_of(L)->later_s < 0)
        lua_pushnil(L);
    else
        lua_pushinteger(L, task_of(L)->later_s);
    return 1;
}

static int core_later(lua_State *L)
{
    return taint_later(L, luaL_checkinteger(L, 1));
}

static int core_unit(lua_State *L)
{
    lua_pushlightuserdata(L, task_of(L)->unit);
    return 1;
}

static int core_taint(lua_State *L)
{
    struct err err;
    errors_read(L, 1, &err);
    note(&task_of(L)->unit->err, &err);
    return 0;
}

static int core_tolerate(lua_State *L)
{
    struct err err;
    errors_read(L, 1, &err);
    note(&task_of(L)->unit->tolerated, &err);
    return 0;
}

static const luaL_Reg functions[] = {
    {"run", core_run},           {"run_apart", core_run_apart},
    {"delay", core_delay},       {"later", core_later},
    {"unit", core_unit},         {"taint", core_taint},
    {"tolerate", core_tolerate}, {NULL, NULL},
};

void taint_open(lua_State *L)
{
    luaL_setfuncs(L, functions, 0);
}
