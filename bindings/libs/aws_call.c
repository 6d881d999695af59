#include "bindings/libs/aws_call.h"

#include <lauxlib.h>
#include <string.h>

#include "aws/client/client.h"
#include "aws/client/gathered_reads.h"
#include "aws/client/shared_reads.h"
#include "aws/operations/opset.h"
#include "bindings/libs/answer.h"
#include "bindings/libs/try_codes.h"
#include "bindings/vm/convert_take.h"
#include "bindings/vm/errors.h"
#include "bindings/vm/host.h"
#include "bindings/vm/job.h"
#include "bindings/vm/policy_file.h"
#include "bindings/vm/taint.h"
#include "bindings/vm/wait.h"

bool aws_call_is(lua_State *L, int index, enum state_key key)
{
    if (lua_type(L, index) != LUA_TUSERDATA || !lua_getmetatable(L, index))
        return false;
    state_push(L, key);
    bool equal = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return equal;
}

const struct aws_service *aws_call_service(lua_State *L, int index)
{
    luaL_argexpected(L, aws_call_is(L, index, STATE_SERVICE), index,
                     "service (call with ':', such as aws.sqs:ListQueues{})");
    return lua_touserdata(L, index);
}

/* ---- who calls ---- */

static struct evaluation *calling_job(lua_State *L)
{
    struct task *task = task_of(L);
    if (task == NULL || task->job->scope == NULL)
        taint_refuse(L, "AWS cannot be called here, only in discover, tags, fetch, audit and fix");
    return task->job;
}

void aws_call_charge(lua_State *L, struct evaluation *job)
{
    if (job->unlimited)
        return;
    if (job->budget.calls == 0)
        taint_refuse(L, "the policy made too many calls: its budget of requests is used up");
    job->budget.calls--;
}

void aws_call_prepare(lua_State *L, const struct aws_service *service, const char *operation,
                      struct call *call)
{
    struct evaluation *job = calling_job(L);
    const struct aws_location *location = &service->location;
    *call =
        (struct call){.session = job->scope->session,
                      .region = location->region[0] != '\0' ? location->region : job->scope->region,
                      .service = service->name,
                      .operation = operation};
    if (location->account[0] == '\0')
        return;
    struct err err;
    err_clear(&err);
    call->session = job->state->session_in(job->state->session_arg, location->account, &err);
    if (call->session == NULL)
        errors_raise(L, &err);
}

json_t *aws_call_params(lua_State *L, int index, const char *operation)
{
    struct err err;
    if (lua_isnoneornil(L, index))
        return NULL;
    luaL_checktype(L, index, LUA_TTABLE);
    json_t *params = convert_take(L, index, CONVERT_PARAMS, operation, &err);
    if (params == NULL && err.kind == ERR_POLICY)
        err.kind = ERR_PARAM;
    if (params == NULL)
        taint_raise(L, &err);
    return params;
}

/* ---- one call ---- */

static int call_answered(lua_State *L, int status, lua_KContext context)
{
    struct err err;
    (void)status;
    if (!answer_failed(L, &err)) {
        answer_push(L);
        taint_end(L);
        return 1;
    }
    int first_code = (int)context;
    if (first_code == 0 || !try_lists(L, first_code, aws_call_service(L, 1)->name, &err))
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

static void cancel_gathered(struct wait *wait)
{
    gathered_reads_cancel(wait->subject);
}

/* Is the operation sent once per run? A job that is about to make a change always reads for
 * itself. */
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
        const struct shared_wish wish = {
            .not_yet = policy_file_not_yet(job->state->file, call->service, call->operation),
            .again = job->options.alone};
        wait->subject = shared_reads_start(host_shared_reads(job->state->host), client, call, &wish,
                                           err, on_answer, wait);
    } else {
        wait->cancel = cancel_call;
        wait->subject = client_start(client, call, err, on_answer, wait);
    }
}

/* The wait for the call; NULL, and the error is set: there is no room for it in the memory. `bytes`
 * is the approximate size of the parameters in C; the encoded request has about the same size. */
static struct wait *wait_for(lua_State *L, const struct call *call, size_t bytes, struct err *err)
{
    struct wait *wait = wait_new(L);
    wait->task->shaped = answer_shape(wait->task->job->scope->client, call);
    if (wait_hold(wait, bytes))
        return wait;
    wait_free(wait);
    err_set(err, ERR_LIMIT, "not enough memory for the request");
    return NULL;
}

/* Converts the parameters and charges the call; returns their approximate size. */
static size_t read_call(lua_State *L, const struct aws_service *service, const char *operation,
                        int params_index, struct call *call)
{
    wait_check(L);
    aws_call_prepare(L, service, operation, call);
    aws_call_charge(L, task_of(L)->job);
    call->params = aws_call_params(L, params_index, operation);
    return call->params != NULL ? state_of(L)->taken : 0;
}

int aws_call_start(lua_State *L, const struct aws_service *service, const char *operation,
                   int params_index, int first_code)
{
    struct call call;
    struct err err;
    err_clear(&err);
    size_t bytes = read_call(L, service, operation, params_index, &call);
    struct wait *wait = wait_for(L, &call, bytes, &err);
    if (wait != NULL)
        start(wait, &call, &err);
    json_decref((json_t *)call.params);
    if (wait != NULL && wait->subject != NULL)
        return wait_yield(L, wait, first_code, call_answered);
    if (wait != NULL)
        wait_free(wait);
    return taint_raise(L, &err);
}

/* The codes on the stack from this index on, as a new list; NULL: there are none. */
static json_t *codes_from(lua_State *L, int first)
{
    json_t *codes = lua_gettop(L) >= first ? json_array() : NULL;
    for (int i = first; i <= lua_gettop(L); i++)
        json_array_append_new(codes, json_string_nocheck(lua_tostring(L, i)));
    return codes;
}

int aws_call_gather(lua_State *L, const struct aws_service *service, const char *operation,
                    int first_code, struct gathered_read *read)
{
    struct err err;
    err_clear(&err);
    size_t bytes = read_call(L, service, operation, lua_gettop(L), &read->call);
    lua_pop(L, 1);
    struct wait *wait = wait_for(L, &read->call, bytes, &err);
    const struct evaluation *job = task_of(L)->job;
    if (wait != NULL) {
        read->alone =
            job->options.fresh || job->options.alone || client_sends_alone(job->scope->client);
        json_t *codes = codes_from(L, first_code);
        read->gone = codes;
        wait->cancel = cancel_gathered;
        wait->subject = gathered_reads_start(host_gathered_reads(job->state->host),
                                             job->scope->client, read, on_answer, wait);
        json_decref(codes);
    }
    json_decref((json_t *)read->call.params);
    return wait != NULL ? wait_yield(L, wait, first_code, call_answered) : taint_raise(L, &err);
}
