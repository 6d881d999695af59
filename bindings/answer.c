#include "answer.h"

#include "convert.h"
#include "scheduler.h"

/* A copy: while an error is made, a script's finalizer may run, and call. */
bool answer_failed(lua_State *L, struct err *err)
{
    struct task *task = task_of(L);
    *err = task->err;
    err_clear(&task->err);
    return err->kind != ERR_NONE;
}

/* A policy's result stays with its task, which frees it whatever happens here. A script's task may
 * get another result before this one is pushed, by a finalizer that calls: so it is boxed. */
void answer_push(lua_State *L)
{
    struct task *task = task_of(L);
    if (task->job->unlimited) {
        json_t *result = task->result;
        task->result = NULL;
        *convert_push_box(L) = result;
        convert_push(L, result, CONVERT_REPLY);
        convert_empty_box(L, -2);
        lua_remove(L, -2);
        return;
    }
    convert_push(L, task->result, CONVERT_REPLY);
    json_decref(task->result);
    task->result = NULL;
}
