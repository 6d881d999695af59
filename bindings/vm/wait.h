/* The operation that a coroutine waits for. It is answered, cancelled, or never started. Serves
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
    void (*cancel)(struct wait *wait); /* called if the response is no longer needed */
    void *subject;                     /* argument of `cancel` */
    size_t held;                       /* counted as the state's memory: see wait_hold */
};

/* Raises if the caller cannot wait. Call it before creating anything that would leak. */
void wait_check(lua_State *L);
struct wait *wait_new(lua_State *L); /* does not raise */
/* Counts what C keeps for the operation as memory of the state; false if there is no room. */
bool wait_hold(struct wait *wait, size_t bytes);
/* Cancels what the task waits for. */
void wait_cancel(struct task *task);
/* For the wait of an operation that could not be started. */
void wait_free(struct wait *wait);
/* The last call in a C function: yields. k runs when the response is in task->result or err. */
int wait_yield(lua_State *L, struct wait *wait, lua_KContext context, lua_KFunction k);
/* Called from the loop. Holds a reference to result, frees wait, and continues the job. */
void wait_answer(struct wait *wait, json_t *result, const struct err *err);

#endif
