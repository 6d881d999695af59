/* What a job may use up: instructions of Lua's machine, time, steps of patterns, AWS requests. One
 * budget for all coroutines of a job. A hook counts: where a coroutine can yield, it yields to be
 * killed, which pcall cannot catch; where it cannot (below a C function: the comparator of
 * table.sort, a replacement function of gsub, an error handler), it raises, at every instruction
 * from then on, until the code is back where it can yield.
 *
 * Work in C counts by its length: functions charge for what they go through, and the allocator for
 * large blocks, which strings are made in. Much of either, or few instructions that took long, make
 * the hook come sooner. It also asks whether the loop is needed (a signal, the end of the time):
 * then a job that has been at it for a while ends.
 *
 * Serves job (which sets it up and asks afterwards), sandbox. */
#ifndef BINDINGS_VM_BUDGET_H
#define BINDINGS_VM_BUDGET_H

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "pattern/pattern.h"

struct loop;

struct budget {
    uint64_t instructions; /* left */
    int64_t run_ms;        /* left */
    int64_t entered_ms;    /* monotonic time at which Lua was entered */
    int64_t hooked_ms;     /* when the hook came last */
    int64_t asked_ms;      /* when the loop was asked last whether it is needed */
    uint64_t unseen;       /* steps charged since the hook came last */
    uint64_t calls;        /* left */
    struct pattern_budget patterns;
    struct loop *loop; /* that may be needed for something else */
    bool spent;
    struct err why;
};

/* What the extra space of a Lua thread points to; where that is NULL, or there is no budget,
 * nothing is counted. */
struct metered {
    struct budget *budget;
    bool killed; /* yielded by the hook, not to be resumed */
};

/* Sets the hook of a state's main thread, which every coroutine inherits. */
void budget_watch(lua_State *L);

/* Takes the steps that entering costs. */
void budget_enter(struct budget *budget, uint64_t steps);
int64_t budget_leave(struct budget *budget); /* how many milliseconds it was */

/* The job's budget is spent: says why, once. ERR_LIMIT, or ERR_TIMEOUT where the run had to end. */
void budget_spend(struct budget *budget, enum err_kind kind, const char *why);

/* For C functions that work long for one instruction: takes the steps, raises when there are too
 * few (the hook ends the job then). */
void budget_charge(lua_State *L, uint64_t steps);

/* The same without raising: false when there are too few. */
bool budget_take(lua_State *L, uint64_t steps);

/* For lib_string_install. */
struct pattern_budget *budget_patterns(lua_State *L);

#endif
