/* What a coroutine waits for: one operation, which is answered, called off, or never begun. Serves
 * every binding that waits. */
#ifndef BINDINGS_VM_WAIT_H
#define BINDINGS_VM_WAIT_H

#include <jansson.h>
#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct task;

/* The one pending operation of a suspended coroutine. */
struct wait {
    struct task *task;
    uint64_t generation;
    void (*cancel)(struct wait *wait); /* the answer will not come any more */
    void *subject;                     /* for cancel */
    size_t held;                       /* of the state's memory, while it lasts: see wait_hold */
};

/* Raises where one cannot wait. Asked before anything is made that would leak. */
void wait_check(lua_State *L);
struct wait *wait_new(lua_State *L); /* does not raise */
/* What C keeps for the operation counts toward the state's memory; false when there is no room. */
bool wait_hold(struct wait *wait, size_t bytes);
/* The task waits no more: calls off what it waits for. */
void wait_cancel(struct task *task);
/* The operation could not be started after all. */
void wait_drop(struct wait *wait);
/* The last act of a C function: yields; k runs when the answer is in task->result or err. */
int wait_yield(lua_State *L, struct wait *wait, lua_KContext context, lua_KFunction k);
/* From the loop. Keeps a reference of result; frees wait; runs the job on. */
void wait_answer(struct wait *wait, json_t *result, const struct err *err);

#endif
