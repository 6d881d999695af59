#include "bindings/libs/caller.h"

#include <lauxlib.h>
#include <string.h>

#include "aws/operations/opset.h"
#include "base/mem.h"
#include "bindings/libs/answer.h"
#include "bindings/libs/aws_call.h"
#include "bindings/vm/host.h"
#include "bindings/vm/job.h"
#include "bindings/vm/taint.h"
#include "bindings/vm/wait.h"
#include "value/json.h"

/* A waiting coroutine, in the list of its caller or in the list of those being resumed. */
struct asker {
    struct caller *caller;
    struct wait *wait;
    struct asker *next, **link;
};

/* A session, identified by its credentials. */
struct caller {
    const struct creds_provider *provider;
    char *arn; /* NULL: not known yet */
    struct session asking;
    struct client *client;
    struct client_call *call; /* in progress, or NULL */
    struct asker *askers;
    struct caller *next;
};

struct callers {
    struct caller *first;
    struct opset *reads; /* sts:GetCallerIdentity, which no policy can declare */
};

struct callers *callers_new(void)
{
    struct callers *callers = mem_alloc(sizeof *callers);
    callers->reads = opset_new();
    opset_add(callers->reads, "sts", "GetCallerIdentity");
    return callers;
}

void callers_forget(struct callers *callers)
{
    struct caller **link = &callers->first;
    while (*link != NULL) {
        struct caller *caller = *link;
        if (caller->askers != NULL || caller->call != NULL) {
            link = &caller->next;
            continue;
        }
        *link = caller->next;
        mem_free(caller->arn);
        mem_free(caller);
    }
}

void callers_free(struct callers *callers)
{
    if (callers == NULL)
        return;
    callers_forget(callers);
    opset_free(callers->reads);
    mem_free(callers);
}

static struct caller *find(struct callers *callers, const struct scope *scope)
{
    struct caller *caller = callers->first;
    while (caller != NULL && caller->provider != scope->session->provider)
        caller = caller->next;
    if (caller != NULL)
        return caller;
    caller = mem_alloc(sizeof *caller);
    caller->provider = scope->session->provider;
    caller->client = scope->client;
    caller->next = callers->first;
    callers->first = caller;
    return caller;
}

/* ---- waiting ---- */

static void insert(struct asker **list, struct asker *asker)
{
    asker->next = *list;
    asker->link = list;
    if (asker->next != NULL)
        asker->next->link = &asker->next;
    *list = asker;
}

static void remove_asker(struct asker *asker)
{
    *asker->link = asker->next;
    if (asker->next != NULL)
        asker->next->link = asker->link;
    mem_free(asker);
}

static void cancel_asker(struct wait *wait)
{
    struct asker *asker = wait->subject;
    struct caller *caller = asker->caller;
    remove_asker(asker);
    if (caller->askers != NULL || caller->call == NULL)
        return;
    client_cancel(caller->client, caller->call);
    caller->call = NULL;
}

/* A callback may start a new request, or end other waits: so the list is separate, and read again
 * after each callback. */
static void pass_on(struct caller *caller, json_t *result, const struct err *err)
{
    struct asker *answer = caller->askers;
    caller->askers = NULL;
    if (answer != NULL)
        answer->link = &answer;
    while (answer != NULL) {
        struct wait *wait = answer->wait;
        remove_asker(answer);
        wait_answer(wait, result, err);
    }
}

static void on_answer(void *arg, json_t *result, const struct err *err)
{
    struct caller *caller = arg;
    caller->call = NULL;
    const char *arn = json_get_string(result, "Arn", "");
    if (arn[0] != '\0')
        caller->arn = mem_strdup(arn);
    pass_on(caller, result, err);
}

static int start(struct caller *caller, const struct scope *scope, const struct opset *allowed,
                 struct err *err)
{
    const struct call call = {.session = &caller->asking,
                              .region = scope->region,
                              .service = "sts",
                              .operation = "GetCallerIdentity"};
    if (caller->call != NULL)
        return 0;
    caller->asking = *scope->session;
    caller->asking.account = ""; /* the job's own, which may end before the call */
    caller->asking.allowed = allowed;
    caller->call = client_start(caller->client, &call, err, on_answer, caller);
    return caller->call != NULL ? 0 : -1;
}

static int answered(lua_State *L, int status, lua_KContext context)
{
    struct task *task = task_of(L);
    struct err err;
    (void)status, (void)context;
    if (answer_failed(L, &err))
        return taint_raise(L, &err);
    lua_pushstring(L, json_get_string(task->result, "Arn", ""));
    json_decref(task->result);
    task->result = NULL;
    if (lua_rawlen(L, -1) == 0)
        return taint_refuse(L, "sts:GetCallerIdentity returned no ARN");
    taint_end(L);
    return 1;
}

int callers_ask(lua_State *L)
{
    struct err err = {0};
    struct evaluation *job = task_of(L)->job;
    struct callers *callers = host_callers(job->state->host);
    wait_check(L);
    aws_call_charge(L, job);
    struct caller *caller = find(callers, job->scope);
    if (caller->arn != NULL) {
        lua_pushstring(L, caller->arn);
        taint_end(L);
        return 1;
    }
    if (start(caller, job->scope, callers->reads, &err) != 0)
        return taint_raise(L, &err);
    struct wait *wait = wait_new(L);
    struct asker *asker = mem_alloc(sizeof *asker);
    *asker = (struct asker){.caller = caller, .wait = wait};
    insert(&caller->askers, asker);
    wait->cancel = cancel_asker;
    wait->subject = asker;
    return wait_yield(L, wait, 0, answered);
}
