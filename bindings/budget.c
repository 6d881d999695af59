#include "budget.h"

#include <lauxlib.h>

#include "base/clock.h"
#include "coverage.h"
#include "scheduler.h"

/* Often enough that a row of costly library calls is seen in time, seldom enough to cost little. */
#define HOOK_EVERY 500

static void on_hook(lua_State *L, lua_Debug *activation);

static int hook_mask(void)
{
    return LUA_MASKCOUNT | (coverage_wanted() ? LUA_MASKLINE : 0);
}

void budget_watch(lua_State *L)
{
    lua_sethook(L, on_hook, hook_mask(), HOOK_EVERY);
}

void budget_enter(struct budget *budget, uint64_t steps)
{
    budget->entered_ms = clock_mono_ms();
    budget->instructions -= steps < budget->instructions ? steps : budget->instructions;
}

void budget_leave(struct budget *budget)
{
    int64_t took = clock_mono_ms() - budget->entered_ms;
    budget->run_ms -= took < budget->run_ms ? took : budget->run_ms;
}

void budget_spend(struct budget *budget, const char *why)
{
    if (budget->spent)
        return;
    budget->spent = true;
    err_set(&budget->why, ERR_LIMIT, "%s", why);
}

static bool within(struct budget *budget)
{
    if (budget->instructions < HOOK_EVERY) {
        budget->instructions = 0;
        budget_spend(budget, "the policy ran too long: its budget of instructions is used up");
    } else {
        budget->instructions -= HOOK_EVERY;
    }
    if (clock_mono_ms() - budget->entered_ms > budget->run_ms)
        budget_spend(budget, "the policy ran too long: its budget of time is used up");
    return !budget->spent;
}

static void end_it(lua_State *L, struct task *task)
{
    lua_sethook(L, on_hook, LUA_MASKCOUNT, 1);
    if (lua_isyieldable(L)) {
        task->killed = true;
        lua_yield(L, 0);
    } else {
        luaL_error(L, "%s", task->job->budget.why.message);
    }
}

static void on_hook(lua_State *L, lua_Debug *activation)
{
    struct task *task = task_of(L);
    if (activation->event == LUA_HOOKLINE) {
        coverage_count(L, activation);
        return;
    }
    if (task == NULL || task->job->unlimited)
        return;
    if (!task->job->budget.spent && within(&task->job->budget))
        return;
    end_it(L, task);
}

void budget_charge(lua_State *L, uint64_t steps)
{
    struct task *task = task_of(L);
    if (task == NULL || task->job->unlimited)
        return;
    struct budget *budget = &task->job->budget;
    if (steps <= budget->instructions) {
        budget->instructions -= steps;
        return;
    }
    budget->instructions = 0;
    budget_spend(budget, "the policy ran too long: its budget of instructions is used up");
    luaL_error(L, "%s", budget->why.message);
}

struct pattern_budget *budget_patterns(lua_State *L)
{
    struct task *task = task_of(L);
    return task != NULL && !task->job->unlimited ? &task->job->budget.patterns : NULL;
}
