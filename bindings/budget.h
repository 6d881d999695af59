/* What a job may use up: instructions of Lua's machine, time, steps of patterns, AWS requests. One
 * budget for all coroutines of a job. A hook counts: where a coroutine can yield, it yields to be
 * killed, which pcall cannot catch; where it cannot (below a C function: the comparator of
 * table.sort, a replacement function of gsub, an error handler), it raises, at every instruction
 * from then on, until the code is back where it can yield.
 *
 * Serves scheduler (which sets it up and asks afterwards), sandbox. */
#ifndef BINDINGS_BUDGET_H
#define BINDINGS_BUDGET_H

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "pattern.h"

struct budget {
    uint64_t instructions; /* left */
    int64_t run_ms;        /* left */
    int64_t entered_ms;    /* monotonic time at which Lua was entered */
    uint64_t calls;        /* left */
    struct pattern_budget patterns;
    bool spent;
    struct err why;
};

/* Sets the hook of a state's main thread, which every coroutine inherits. */
void budget_watch(lua_State *L);

/* Takes the steps that entering costs. */
void budget_enter(struct budget *budget, uint64_t steps);
void budget_leave(struct budget *budget);

/* The job's budget is spent: says why, once. */
void budget_spend(struct budget *budget, const char *why);

/* For C functions that work long for one instruction: takes the steps, raises when there are too
 * few (the hook ends the job then). */
void budget_charge(lua_State *L, uint64_t steps);

/* For lua_string_install. */
struct pattern_budget *budget_patterns(lua_State *L);

#endif
