#include "bindings/libs/answer.h"

#include "aws/client/client.h"
#include "aws/model/model_open.h"
#include "bindings/vm/box.h"
#include "bindings/vm/job.h"

struct shaped answer_shape(struct client *client, const struct call *call)
{
    struct err err;
    struct shaped shaped = {.model = model_open(client_models(client), call->service, &err)};
    if (shaped.model != NULL &&
        model_find_operation(shaped.model, call->operation, &shaped.operation, &err) != 0)
        shaped.model = NULL;
    return shaped;
}

/* Copies the error: while one is created, a script's finalizer may run and start a call. */
bool answer_failed(lua_State *L, struct err *err)
{
    struct task *task = task_of(L);
    if (task->err.kind == ERR_NONE)
        return false;
    *err = task->err;
    err_clear(&task->err);
    return true;
}

/* A policy's result stays with its task, which frees it even if this function raises. In a script,
 * a finalizer that calls AWS may replace the task's result before this one is pushed, so it is
 * boxed. */
void answer_push(lua_State *L)
{
    struct task *task = task_of(L);
    const struct shaped shaped = task->shaped;
    if (task->job->unlimited) {
        json_t *result = task->result;
        task->result = NULL;
        *box_push(L) = result;
        shaped_push(L, result, &shaped);
        box_empty(L, -2);
        lua_remove(L, -2);
        return;
    }
    shaped_push(L, task->result, &shaped);
    json_decref(task->result);
    task->result = NULL;
}
