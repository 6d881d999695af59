#include "bindings/policy/core.h"

#include <lauxlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/log.h"
#include "base/mem.h"
#include "bindings/libs/lib_map.h"
#include "bindings/policy/bounded.h"
#include "bindings/policy/core_names.h"
#include "bindings/policy/embedded.h"
#include "bindings/policy/outcome.h"
#include "bindings/vm/box.h"
#include "bindings/vm/convert_push.h"
#include "bindings/vm/convert_take.h"
#include "bindings/vm/coroutine_wait.h"
#include "bindings/vm/errors.h"
#include "bindings/vm/host.h"
#include "bindings/vm/job.h"
#include "bindings/vm/policy_file.h"
#include "bindings/vm/taint.h"
#include "bindings/vm/view.h"
#include "lint_parse_lua.h"
#include "schema_lines_lua.h"
#include "value/json.h"

static struct evaluation *job_of(lua_State *L)
{
    return task_of(L)->job;
}

/* ---- values ---- */

/* box(value, name [, "lenient"]): the value as JSON, or an error naming the value that JSON cannot
 * represent; lenient: such values are left out. */
static int core_box(lua_State *L)
{
    struct err err;
    const char *name = luaL_checkstring(L, 2);
    bool lenient = !lua_isnoneornil(L, 3);
    json_t **box = box_push(L);
    *box = convert_take(L, 1, lenient ? CONVERT_LENIENT : CONVERT_STRICT, name, &err);
    if (*box == NULL)
        return errors_raise(L, &err);
    box_hold(L, -1);
    return 1;
}

/* object(key, value, …): a JSON object with its keys in this order; nil values are left out. */
static int core_object(lua_State *L)
{
    struct err err;
    int count = lua_gettop(L);
    json_t **object = box_push(L);
    *object = json_object();
    for (int i = 1; i < count; i += 2) {
        const char *key = luaL_checkstring(L, i);
        if (lua_isnil(L, i + 1))
            continue;
        json_t *value = convert_take(L, i + 1, CONVERT_STRICT, key, &err);
        if (value == NULL)
            return errors_raise(L, &err);
        json_object_set_new_nocheck(*object, key, value);
        box_hold(L, count + 1);
    }
    return 1;
}

/* Leaves out values that JSON cannot represent. NULL if nothing remains, or with err. Free with
 * mem_free. */
static char *part_text(lua_State *L, int index, const char *name, struct err *err)
{
    json_t *value = convert_take(L, index, CONVERT_LENIENT, name, err);
    char *text = value != NULL && !lua_isfunction(L, index) ? json_text_canonical(value) : NULL;
    json_decref(value);
    return text;
}

/* Adds the digest of the part on top, whose name is below it; pops the part. */
static void add_digest(lua_State *L, json_t *digests)
{
    struct err err;
    unsigned char bytes[SHA256_BYTES];
    char hex[SHA256_HEX];
    const char *name = lua_tostring(L, -2);
    const char *path = lua_pushfstring(L, "%s.%s", lua_tostring(L, 2), name);
    err_clear(&err);
    lua_insert(L, -2);
    char *text = part_text(L, lua_gettop(L), path, &err);
    if (err.kind != ERR_NONE)
        errors_raise(L, &err);
    lua_pop(L, 2);
    if (text == NULL)
        return;
    digest_sha256(text, strlen(text), bytes);
    mem_free(text);
    digest_hex(bytes, sizeof bytes, hex);
    json_object_set_new_nocheck(digests, name, json_string(hex));
}

/* digests(state, where): the SHA-256 of the canonical JSON of each part. Parts that are functions
 * are not compared. */
static int core_digests(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checkstring(L, 2);
    lua_settop(L, 2);
    json_t **digests = box_push(L);
    *digests = json_object();
    lua_pushnil(L);
    while (lua_next(L, 1))
        add_digest(L, *digests);
    return 1;
}

/* ---- outcome ---- */

static int core_finish(lua_State *L)
{
    struct evaluation *job = job_of(L);
    json_decref(job->outcome);
    job->outcome = convert_take(L, 1, CONVERT_STRICT, "outcome", &job->err);
    return 0;
}

static void push_where(lua_State *L, int function)
{
    lua_Debug activation;
    lua_pushvalue(L, function);
    lua_getinfo(L, ">S", &activation);
    lua_pushfstring(L, "%s:%d", activation.short_src, activation.linedefined);
}

/* Reads the error at index 1. If it is one of ours that names no position, or a value without a
 * message, it gets the position of the function at index 2. What the policy itself says stays as it
 * is. */
static void read_located(lua_State *L, struct err *err)
{
    errors_read(L, 1, err);
    bool ours = err->kind == ERR_POLICY || err->kind == ERR_PARAM;
    if (lua_type(L, 1) == LUA_TSTRING || !ours || err->code[0] != '\0' ||
        strstr(err->message, ".lua:") != NULL || !lua_isfunction(L, 2))
        return;
    push_where(L, 2);
    err_prefix(err, "%s", lua_tostring(L, -1));
    lua_pop(L, 1);
}

/* fail(error [, prefix or function]): ends the whole job with an error. */
static int core_fail(lua_State *L)
{
    struct evaluation *job = job_of(L);
    read_located(L, &job->err);
    if (lua_type(L, 2) == LUA_TSTRING)
        err_prefix(&job->err, "%s", lua_tostring(L, 2));
    return 0;
}

/* complain(text): reports a problem of a load in addition to its one error. */
static int core_complain(lua_State *L)
{
    log_error("%s", luaL_checkstring(L, 1));
    return 0;
}

/* error(e [, function]): the error as an outcome contains it. */
static int core_error(lua_State *L)
{
    struct err err;
    read_located(L, &err);
    json_t **box = box_push(L);
    *box = errors_json(&err);
    return 1;
}

static int core_may_fix(lua_State *L)
{
    struct evaluation *job = job_of(L);
    const struct audit_asked asked = {.check = luaL_checkstring(L, 1),
                                      .tags = lua_isnil(L, 2) ? NULL : box_value(L, 2),
                                      .region = luaL_optstring(L, 3, NULL),
                                      .part = luaL_optstring(L, 4, NULL)};
    const struct audit_options *options = &job->options;
    lua_pushboolean(L, options->may_fix == NULL || job->cancelled ||
                           options->may_fix(options->may_fix_arg, &asked));
    return 1;
}

/* ---- positions in the file ---- */

static int core_text(lua_State *L)
{
    const struct policy_file *file = state_of(L)->file;
    lua_pushlstring(L, file->source->text, file->source->length);
    return 1;
}

/* lines(): a function that returns the line of a field ("checks[1].severity"), or of the nearest
 * enclosing field. */
static int core_lines(lua_State *L)
{
    static const struct embedded files[] = {EMBEDDED(lint_parse), EMBEDDED(schema_lines)};
    lua_settop(L, 0);
    core_push(L);
    lua_newtable(L);
    embedded_run(L, files, EMBEDDED_COUNT(files), 1);
    lua_getfield(L, 2, "line");
    return 1;
}

/* where(fn): "policies/sqs.lua:40". */
static int core_where(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    push_where(L, 1);
    return 1;
}

static int core_settle(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    state_store(L, STATE_FUNCTIONS);
    return 0;
}

static int core_declared(lua_State *L)
{
    state_push(L, STATE_DECLARED);
    return 1;
}

static int core_is_list(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    convert_mark_list(L, 1);
    return 1;
}

static const luaL_Reg functions[] = {
    {"box", core_box},           {"object", core_object},   {"digests", core_digests},
    {"finish", core_finish},     {"fail", core_fail},       {"complain", core_complain},
    {"error", core_error},       {"may_fix", core_may_fix}, {"text", core_text},
    {"lines", core_lines},       {"where", core_where},     {"settle", core_settle},
    {"declared", core_declared}, {"list", core_is_list},    {NULL, NULL},
};

/* Each one adds its functions. */
static void (*const openers[])(lua_State *L) = {
    core_names_open, lib_map_open,        bounded_open, outcome_open,
    taint_open,      coroutine_wait_open, view_core,
};

void core_push(lua_State *L)
{
    luaL_newlib(L, functions);
    for (size_t i = 0; i < sizeof openers / sizeof *openers; i++)
        openers[i](L);
    lua_pushinteger(L, host_limits(state_of(L)->host)->map_width);
    lua_setfield(L, -2, "map_width");
    convert_push_none(L);
    lua_setfield(L, -2, "none");
}
