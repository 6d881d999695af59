/* Limits what a job may use: Lua instructions, time, pattern steps, AWS requests. All coroutines of
 * a job share one budget. A hook counts instructions. When the budget is spent, the hook yields if
 * the coroutine can yield, and the job is ended; pcall cannot catch a yield. Where a coroutine
 * cannot yield (below a C function: the comparator of table.sort, a replacement function of gsub,
 * an error handler), the hook raises an error, at every instruction from then on, until the code is
 * back where it can yield.
 *
 * With a hook, Lua checks every instruction, which would take a quarter of an audit's time, and
 * almost every run is over, or waits for a response, after less than a millisecond. So a run begins
 * without the hook, and a tick (net/loop/tick.h) sets it after ten to twenty milliseconds of CPU
 * time: from then on each instruction is counted. What ran before it is charged by time, at a rate
 * that Lua does not exceed by much, so many short runs are not free. When little is left of the
 * budget, or the system has no timer, the hook is set from the start.
 *
 * Work in C is charged by its amount: functions charge for the data that they process, and the
 * allocator for large blocks, in which strings are built. If much is charged, or few instructions
 * took long, the hook comes sooner. The hook also asks whether the loop is needed (a signal, the
 * end of the time); then it ends a job that has run for a while.
 *
 * Serves job (which sets it up and reads it afterwards), sandbox. Calls tick. */
#ifndef BINDINGS_VM_BUDGET_H
#define BINDINGS_VM_BUDGET_H

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "net/loop/tick.h"
#include "pattern/pattern.h"

struct loop;

struct budget {
    uint64_t instructions; /* remaining */
    int64_t run_ms;        /* remaining */
    int64_t entered_ms;    /* monotonic time at which Lua was entered */
    struct tick tick;
    int64_t uncounted_us; /* monotonic time since which no hook counts; 0: one does */
    int64_t cpu_us;       /* CPU time of the thread then, or up to a millisecond before */
    int64_t hooked_ms;    /* time of the last hook */
    int64_t asked_ms;     /* when the hook last asked whether the loop is needed */
    uint64_t unseen;      /* steps charged since the last hook */
    uint64_t calls;       /* remaining */
    struct pattern_budget patterns;
    struct loop *loop; /* the loop, which may be needed for something else */
    bool spent;
    struct err why; /* last, see job.h */
};

/* The extra space of a Lua thread points to this. If that pointer or the budget is NULL, nothing is
 * counted. */
struct metered {
    struct budget *budget;
    bool killed; /* yielded by the hook; must not be resumed */
};

/* Prepares a state, before any coroutine runs. */
void budget_watch(lua_State *L);

/* The coroutine is resumed after budget_enter, which charges the steps that this costs. In between,
 * its code is limited, unless it has no budget. budget_leave returns the elapsed milliseconds. */
void budget_enter(struct budget *budget, lua_State *co, uint64_t steps);
int64_t budget_leave(struct budget *budget);

/* The job's budget is spent: records why, once. ERR_LIMIT, or ERR_TIMEOUT if the run had to end. */
void budget_spend(struct budget *budget, enum err_kind kind, const char *why);

/* For C functions that do much work in one instruction: charges the steps, and raises if too few
 * are left (the hook then ends the job). */
void budget_charge(lua_State *L, uint64_t steps);

/* The same without raising: returns false if too few are left. */
bool budget_take(lua_State *L, uint64_t steps);

/* Is this Lua code limited at all? A script of `engine run` is not. */
bool budget_limits(lua_State *L);

/* For lib_string_install. */
struct pattern_budget *budget_patterns(lua_State *L);

#endif
