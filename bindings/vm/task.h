/* A coroutine of a job. Serves job, and every binding that makes or asks for one. */
#ifndef BINDINGS_VM_TASK_H
#define BINDINGS_VM_TASK_H

#include <jansson.h>
#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "aws/model/model.h"
#include "base/err.h"
#include "bindings/vm/budget.h"

struct evaluation;
struct map;
struct unit;
struct wait;

/* Every way in which a resume can end. */
enum task_outcome { TASK_DONE, TASK_WAITS, TASK_KILLED, TASK_FAILED, TASK_NO_MEMORY };

/* Whose output an answer is; model NULL: unknown. */
struct shaped {
    const struct model *model; /* must outlive the state */
    model_operation operation;
};

struct task {
    struct metered metered; /* first: where budget.c looks */
    struct evaluation *job;
    struct unit *unit; /* in which it works: taint.h */
    uint64_t serial;   /* never used again */
    struct task *next, *next_ready;
    lua_State *co;
    int ref;             /* anchor of co in the registry */
    uint64_t generation; /* counts waits */
    struct wait *wait;
    bool ready;
    int arguments;  /* on co's stack, for the next resume */
    json_t *result; /* the answer: exactly one of these two */
    struct err err;
    struct shaped shaped; /* of the answer */
    struct map *map;      /* whose child this is */
    /* Told when it is over; NULL: the job is over with it. */
    void (*over)(struct task *task, enum task_outcome outcome);
};

/* The task that runs on this thread; NULL outside of one. */
static inline struct task *task_of(lua_State *L)
{
    return *(struct task **)lua_getextraspace(L);
}

/* A new coroutine of the job with `count` values from the top of L's stack (a function and its
 * arguments), which are popped; ready to run. Raises when the job has too many. */
struct task *task_new(lua_State *L, struct evaluation *job, int count);
void task_drop(struct task *task); /* cancels what it waits for; frees its coroutine */
/* Yields so that the job ends: not to be caught. Where that is impossible, raises. */
int task_kill(lua_State *L, const char *why);

#endif
