#include "bindings/libs/lib_aws.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "aws/client/client.h"
#include "aws/client/shared_reads.h"
#include "aws/operations/opset.h"
#include "bindings/libs/answer.h"
#include "bindings/libs/lib_pages.h"
#include "bindings/libs/try_codes.h"
#include "bindings/script/script_internal.h"
#include "bindings/vm/convert_take.h"
#include "bindings/vm/errors.h"
#include "bindings/vm/host.h"
#include "bindings/vm/job.h"
#include "bindings/vm/policy_file.h"
#include "bindings/vm/taint.h"
#include "bindings/vm/wait.h"

static bool has_metatable(lua_State *L, int index, enum state_key key)
{
    if (lua_type(L, index) != LUA_TUSERDATA || !lua_getmetatable(L, index))
        return false;
    state_push(L, key);
    bool equal = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return equal;
}

const struct aws_service *aws_check_service(lua_State *L, int index)
{
    luaL_argexpected(L, has_metatable(L, index, STATE_SERVICE), index,
                     "service (call with ':', as aws.sqs:ListQueues{})");
    return lua_touserdata(L, index);
}

/* ---- who calls ---- */

static struct evaluation *calling_job(lua_State *L)
{
    struct task *task = task_of(L);
    if (task == NULL || task->job->scope == NULL)
        taint_refuse(L, "AWS cannot be asked here: only discover, tags, fetch, audit and fix can");
    return task->job;
}

void aws_charge(lua_State *L, struct evaluation *job)
{
    if (job->unlimited)
        return;
    if (job->budget.calls == 0)
        taint_refuse(L, "the policy asked AWS too often: its budget of requests is used up");
    job->budget.calls--;
}

void aws_caller(lua_State *L, const struct aws_service *service, const char *operation,
                struct call *call)
{
    struct evaluation *job = calling_job(L);
    const struct aws_place *place = &service->place;
    *call = (struct call){.session = job->scope->session,
                          .region = place->region[0] != '\0' ? place->region : job->scope->region,
                          .service = service->name,
                          .operation = operation};
    if (place->account[0] == '\0')
        return;
    struct err err = {0};
    call->session = script_session(job->state, place->account, &err);
    if (call->session == NULL)
        errors_raise(L, &err);
}

json_t *aws_params(lua_State *L, int index, const char *operation)
{
    struct err err;
    if (lua_isnoneornil(L, index))
        return NULL;
    luaL_checktype(L, index, LUA_TTABLE);
    json_t *params = convert_take(L, index, CONVERT_PARAMS, operation, &err);
    if (params == NULL)
        errors_raise(L, &err);
    return params;
}

/* ---- one call ---- */

/* context 1: called by try. */
static int call_answered(lua_State *L, int status, lua_KContext context)
{
    struct err err;
    (void)status;
    if (!answer_failed(L, &err)) {
        answer_push(L);
        taint_end(L);
        return 1;
    }
    if (context != 1 || !try_lists(L, &err))
        return taint_raise(L, &err);
    taint_end(L);
    return 2;
}

static void on_answer(void *arg, json_t *result, const struct err *err)
{
    wait_answer(arg, result, err);
}

static void cancel_call(struct wait *wait)
{
    client_cancel(wait->task->job->scope->client, wait->subject);
}

static void cancel_shared(struct wait *wait)
{
    shared_reads_cancel(wait->subject);
}

/* Is it asked once a run? Whoever is about to change something has to see for himself. */
static bool is_shared(const struct evaluation *job, const struct call *call)
{
    const struct policy_file *file = job->state->file;
    return file != NULL && !job->options.fresh &&
           opset_has(file->shared, call->service, call->operation);
}

static void start(struct wait *wait, const struct call *call, struct err *err)
{
    const struct evaluation *job = wait->task->job;
    struct client *client = job->scope->client;
    if (is_shared(job, call)) {
        wait->cancel = cancel_shared;
        wait->subject = shared_reads_start(host_shared_reads(job->state->host), client, call, err,
                                           on_answer, wait);
    } else {
        wait->cancel = cancel_call;
        wait->subject = client_start(client, call, err, on_answer, wait);
    }
}

/* Takes the call's parameters over, which are so large in C; the request that is made of them is of
 * the same order. */
static int send_call(lua_State *L, struct call *call, size_t bytes, lua_KContext context,
                     lua_KFunction answered)
{
    struct err err = {0};
    struct wait *wait = wait_new(L);
    wait->task->shaped = answer_shape(wait->task->job->scope->client, call);
    if (wait_hold(wait, bytes))
        start(wait, call, &err);
    else
        err_set(&err, ERR_LIMIT, "not enough memory for the request");
    json_decref((json_t *)call->params);
    if (wait->subject == NULL) {
        wait_drop(wait);
        return taint_raise(L, &err);
    }
    return wait_yield(L, wait, context, answered);
}

static int start_call(lua_State *L, const struct aws_service *service, const char *operation,
                      int params_index, lua_KContext context)
{
    struct call call;
    wait_check(L);
    aws_caller(L, service, operation, &call);
    aws_charge(L, task_of(L)->job);
    call.params = aws_params(L, params_index, operation);
    return send_call(L, &call, call.params != NULL ? state_of(L)->taken : 0, context,
                     call_answered);
}

/* aws.sqs:GetQueueAttributes{…}; upvalue: the operation's name. */
static int service_call(lua_State *L)
{
    taint_begin(L);
    const struct aws_service *service = aws_check_service(L, 1);
    return start_call(L, service, lua_tostring(L, lua_upvalueindex(1)), 2, 0);
}

/* ---- names ---- */

/* A policy hears of what it may not do before anything is converted. The client refuses as well. */
static void check_declared(lua_State *L, const struct aws_service *service, const char *operation)
{
    const struct policy_file *file = state_of(L)->file;
    if (file == NULL || opset_has(file->reads, service->name, operation))
        return;
    if (opset_has(file->writes, service->name, operation))
        taint_refuse(L, "%s:%s changes things: return it as a step of fix", service->name,
                     operation);
    taint_refuse(L, "%s:%s is not declared in permissions.read", service->name, operation);
}

static int service_try(lua_State *L)
{
    taint_begin(L);
    const struct aws_service *service = aws_check_service(L, 1);
    const char *operation = luaL_checkstring(L, 2);
    check_declared(L, service, operation);
    try_check(L, service->name, operation);
    return start_call(L, service, operation, 3, 1);
}

static int service_pages(lua_State *L)
{
    taint_begin(L);
    const struct aws_service *service = aws_check_service(L, 1);
    const char *operation = luaL_checkstring(L, 2);
    check_declared(L, service, operation);
    const struct policy_file *file = state_of(L)->file;
    if (file != NULL && opset_has(file->shared, service->name, operation))
        taint_refuse(L, "%s:%s is shared: pages are not, so ask for it without them", service->name,
                     operation);
    int results = lib_pages_start(L, service);
    taint_end(L);
    return results;
}

/* Upvalue 1: {try=, pages=}. The service's user value holds the methods made so far: only declared
 * names come that far, so a policy cannot make it grow. */
static int service_index(lua_State *L)
{
    const struct aws_service *service = aws_check_service(L, 1);
    const char *operation = luaL_checkstring(L, 2);
    if (strlen(operation) != lua_rawlen(L, 2))
        return taint_refuse(L, "%s:%s: no such operation", service->name, operation);
    lua_getiuservalue(L, 1, 1);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, -2) != LUA_TNIL)
        return 1;
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
        return 1;
    check_declared(L, service, operation);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, service_call, 1);
    lua_rawset(L, 3);
    lua_pushvalue(L, 2);
    lua_rawget(L, 3);
    return 1;
}

static void push_service(lua_State *L, const struct aws_place *place, const char *name)
{
    struct aws_service *service = lua_newuserdatauv(L, sizeof *service, 1);
    service->place = *place;
    snprintf(service->name, sizeof service->name, "%s", name);
    for (char *c = service->name; *c != '\0'; c++) {
        if (*c == '_')
            *c = '-';
    }
    lua_newtable(L);
    lua_setiuservalue(L, -2, 1);
    state_push(L, STATE_SERVICE);
    lua_setmetatable(L, -2);
}

/* ---- aws ---- */

static const struct aws_place *check_aws(lua_State *L)
{
    luaL_argexpected(L, has_metatable(L, 1, STATE_AWS), 1, "aws (call with ':')");
    return lua_touserdata(L, 1);
}

static bool is_word(const char *text, size_t max)
{
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_");
    return length > 0 && length < max && text[length] == '\0';
}

static int aws_in_region(lua_State *L)
{
    taint_begin(L);
    struct aws_place place = *check_aws(L);
    const char *region = luaL_checkstring(L, 2);
    luaL_argcheck(L, is_word(region, sizeof place.region), 2, "a region's name, as eu-west-1");
    snprintf(place.region, sizeof place.region, "%s", region);
    lib_aws_push(L, &place);
    taint_end(L);
    return 1;
}

static int aws_in_account(lua_State *L)
{
    struct aws_place place = *check_aws(L);
    const char *account = luaL_checkstring(L, 2);
    bool good = strlen(account) == 12 && strspn(account, "0123456789") == 12;
    luaL_argcheck(L, good, 2, "an account id of 12 digits");
    if (state_of(L)->file != NULL)
        return taint_refuse(L, "a policy works in the account of its resource alone");
    snprintf(place.account, sizeof place.account, "%s", account);
    lib_aws_push(L, &place);
    return 1;
}

/* Services made so far are the object's user value; the names are limited by their form, and those
 * kept by what the policy declares. */
static int aws_index(lua_State *L)
{
    const struct aws_place *place = check_aws(L);
    const char *name = luaL_checkstring(L, 2);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
        return 1;
    lua_getiuservalue(L, 1, 1);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, -2) != LUA_TNIL)
        return 1;
    if (strlen(name) != lua_rawlen(L, 2) || !is_word(name, sizeof((struct aws_service *)0)->name))
        return taint_refuse(L, "aws.%s: no such service", name);
    push_service(L, place, name);
    const struct policy_file *file = state_of(L)->file;
    if (file != NULL && !opset_has_service(file->reads, name))
        return 1;
    lua_pushvalue(L, 2);
    lua_pushvalue(L, -2);
    lua_rawset(L, 4);
    return 1;
}

void lib_aws_push(lua_State *L, const struct aws_place *place)
{
    struct aws_place *aws = lua_newuserdatauv(L, sizeof *aws, 1);
    *aws = *place;
    lua_newtable(L);
    lua_setiuservalue(L, -2, 1);
    state_push(L, STATE_AWS);
    lua_setmetatable(L, -2);
}

static int refuse_set(lua_State *L)
{
    return luaL_error(L, "aws is read-only");
}

static const luaL_Reg aws_methods[] = {
    {"in_region", aws_in_region},
    {"in_account", aws_in_account},
    {NULL, NULL},
};

static const luaL_Reg service_methods[] = {
    {"try", service_try},
    {"pages", service_pages},
    {NULL, NULL},
};

static void open_type(lua_State *L, enum state_key key, const char *name, const luaL_Reg *methods,
                      lua_CFunction index)
{
    lua_createtable(L, 0, 4);
    lua_newtable(L);
    lua_newtable(L); /* of try */
    luaL_setfuncs(L, methods, 1);
    lua_pushcclosure(L, index, 1);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, refuse_set);
    lua_setfield(L, -2, "__newindex");
    lua_pushstring(L, name);
    lua_setfield(L, -2, "__name");
    state_store(L, key);
}

void lib_aws_open(lua_State *L)
{
    static const struct aws_place here;
    open_type(L, STATE_AWS, "aws", aws_methods, aws_index);
    open_type(L, STATE_SERVICE, "service", service_methods, service_index);
    lib_pages_open(L);
    lib_aws_push(L, &here);
    state_store(L, STATE_AWS_HERE);
}
