/* A coroutine of a job. Serves job, and every binding that creates or looks up one. */
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

/* All outcomes of a resume. */
enum task_outcome { TASK_DONE, TASK_WAITS, TASK_KILLED, TASK_FAILED, TASK_NO_MEMORY };

/* The API model and shape of a response; model NULL: unknown. */
struct shaped {
    const struct model *model; /* must outlive the state */
    model_operation operation;
};

struct task {
    struct metered metered; /* must be first: budget.c looks there */
    struct evaluation *job;
    struct unit *unit;   /* the unit it works in: taint.h */
    lua_Integer later_s; /* of its last unit that ended: not ready for so long; -1: it was ready */
    uint64_t serial;     /* never reused */
    struct task *next, *next_ready;
    lua_State *co;
    int ref;             /* reference to co in the registry */
    uint64_t generation; /* number of waits so far */
    struct wait *wait;
    bool ready;
    bool returned;        /* the coroutine's function has returned */
    int arguments;        /* on co's stack, for the next resume */
    json_t *result;       /* the response: exactly one of this and `err` is set */
    struct shaped shaped; /* shape of the response */
    struct map *map;      /* set if this is a worker of a map */
    /* Called when the task has ended; NULL: the job ends with it. */
    void (*over)(struct task *task, enum task_outcome outcome);
    struct err err; /* last, because it is long, and so is not zeroed for each task */
};

/* The task that runs on this thread; NULL if there is none. */
static inline struct task *task_of(lua_State *L)
{
    return *(struct task **)lua_getextraspace(L);
}

/* Creates a coroutine of the job with `count` values from the top of L's stack (a function and its
 * arguments), which are popped. It is ready to run. Raises if the job has too many. */
struct task *task_new(lua_State *L, struct evaluation *job, int count);
void task_drop(struct task *task); /* cancels its wait; frees its coroutine */
/* Yields in a way that ends the job and cannot be caught. Raises if a yield is impossible. */
int task_kill(lua_State *L, const char *why);

#endif
