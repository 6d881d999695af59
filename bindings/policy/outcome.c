#include "bindings/policy/outcome.h"

#include <lauxlib.h>

#include "bindings/policy/bounded.h"
#include "bindings/vm/convert_take.h"
#include "bindings/vm/errors.h"
#include "bindings/vm/job.h"
#include "bindings/vm/state.h"
#include "value/json.h"

/* count(…): how many values, and the values. */
static int core_count(lua_State *L)
{
    lua_pushinteger(L, lua_gettop(L));
    lua_insert(L, 1);
    return lua_gettop(L);
}

/* The value at the index, counted as the state's memory until the job ends; NULL with err. */
static json_t *take_counted(lua_State *L, struct evaluation *job, int index, const char *name,
                            struct err *err)
{
    struct state *state = state_of(L);
    json_t *value = convert_take(L, index, CONVERT_STRICT, name, err);
    if (value == NULL)
        return NULL;
    size_t bytes = state->taken;
    if (state_hold(state, bytes)) {
        job->held += bytes;
        return value;
    }
    json_decref(value);
    err_set(err, ERR_LIMIT, "not enough memory");
    return NULL;
}

/* ---- evidence ---- */

/* May the value that was taken last be longer than this as JSON? Nearly all values are so much
 * shorter that they need not be written to know. */
static bool may_exceed(lua_State *L, size_t most)
{
    return state_of(L)->taken > most / CONVERT_LENGTHENS;
}

static int push_left_out(lua_State *L, const char *why)
{
    lua_pushfstring(L, "omitted: %s; at most %d bytes are reported", why, (int)BOUNDED_EVIDENCE);
    return 1;
}

/* evidence(value): the value, kept by the job for `outcome`, or a text that says why it was left
 * out. */
static int core_evidence(lua_State *L)
{
    struct err err;
    struct evaluation *job = task_of(L)->job;
    json_t *value = take_counted(L, job, 1, "evidence", &err);
    if (value == NULL)
        return err.kind == ERR_LIMIT ? push_left_out(L, err.message) : errors_raise(L, &err);
    if (may_exceed(L, BOUNDED_EVIDENCE) && bounded_exceeds(value, BOUNDED_EVIDENCE)) {
        json_decref(value);
        return push_left_out(L, "the evidence is too long");
    }
    if (job->evidence == NULL)
        job->evidence = json_array();
    json_array_append_new(job->evidence, value);
    lua_pushlightuserdata(L, value);
    return 1;
}

/* ---- the outcome ---- */

/* Adds the value on top, unless it is nil, and pops it. */
static void put(lua_State *L, struct evaluation *job, json_t *object, const char *name)
{
    struct err err;
    int type = lua_type(L, -1);
    json_t *value = NULL;
    if (type == LUA_TLIGHTUSERDATA) /* evidence */
        value = json_incref(lua_touserdata(L, -1));
    else if (type != LUA_TNIL && (value = take_counted(L, job, -1, name, &err)) == NULL)
        errors_raise(L, &err);
    if (value != NULL)
        json_object_set_new_nocheck(object, name, value);
    lua_pop(L, 1);
}

/* Fields of a result of prelude_audit.lua, and their names in the outcome. */
static const struct {
    const char *field, *name;
} fields[] = {
    {"summary", "summary"}, {"evidence", "evidence"},     {"error", "error"}, {"fix", "fix"},
    {"shown", "steps"},     {"covered_by", "covered_by"}, {"held", "held"},   {"spared", "spared"},
    {"later", "later"},     {"looked", "looked_at"},
};

/* The result on top. */
static void put_check(lua_State *L, struct evaluation *job, json_t *checks)
{
    json_t *object = json_object();
    json_array_append_new(checks, object);
    lua_getfield(L, -1, "check");
    lua_getfield(L, -1, "id");
    put(L, job, object, "id");
    lua_pop(L, 1);
    lua_getfield(L, -1, "status");
    put(L, job, object, "status");
    lua_getfield(L, -1, "plain");
    bool plain = lua_toboolean(L, -1);
    lua_pop(L, 1);
    for (size_t i = 0; i < sizeof fields / sizeof *fields && !plain; i++) {
        lua_getfield(L, -1, fields[i].field);
        put(L, job, object, fields[i].name);
    }
}

/* outcome(results, key, value, …): the outcome of the job: these members and the results of the
 * checks. If it raises, what there is of it is freed with the job. */
static int core_outcome(lua_State *L)
{
    struct evaluation *job = task_of(L)->job;
    int top = lua_gettop(L);
    json_t *checks = json_array();
    json_decref(job->outcome);
    job->outcome = json_object();
    json_object_set_new_nocheck(job->outcome, "checks", checks);
    luaL_checktype(L, 1, LUA_TTABLE);
    for (int i = 2; i < top; i += 2) {
        lua_pushvalue(L, i + 1);
        put(L, job, job->outcome, luaL_checkstring(L, i));
    }
    for (lua_Integer i = 1; lua_rawgeti(L, 1, i) != LUA_TNIL; i++) {
        put_check(L, job, checks);
        lua_pop(L, 1);
    }
    return 0;
}

static const luaL_Reg functions[] = {
    {"count", core_count},
    {"evidence", core_evidence},
    {"outcome", core_outcome},
    {NULL, NULL},
};

void outcome_open(lua_State *L)
{
    luaL_setfuncs(L, functions, 0);
}
