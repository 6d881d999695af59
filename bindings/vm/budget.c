#include "bindings/vm/budget.h"

#include <lauxlib.h>
#include <stdio.h>

#include "base/clock.h"
#include "bindings/vm/state.h"
#include "net/loop/loop.h"

/* Often enough to notice many expensive library calls in time, rarely enough to cost little. */
#define HOOK_EVERY 500
/* If this many milliseconds passed between two hooks, the next one comes sooner. */
#define SLOW_MS 20
#define ASK_EVERY_MS 50
/* A job that has run this long without a pause is ended if the loop is needed. */
#define CUT_AFTER_MS 200
/* After this many steps in C functions the hook looks at the clock. */
#define UNSEEN_STEPS 1000000
#define BYTES_PER_STEP 32
/* What a microsecond without the hook is charged, and the most that one run without it is. */
#define STEPS_PER_US 100
#define UNCOUNTED_STEPS ((uint64_t)STEPS_PER_US * 1000 * TICK_LATEST_MS)
/* How old a reading of the CPU time may be: to read it is a system call, and most runs are short.
 */
#define CPU_READ_EVERY_US 1000

static void on_hook(lua_State *L, lua_Debug *activation);

static struct metered *metered_of(lua_State *L)
{
    return *(struct metered **)lua_getextraspace(L);
}

static struct budget *budget_of(lua_State *L)
{
    const struct metered *metered = metered_of(L);
    return metered != NULL ? metered->budget : NULL;
}

static void set_hook(lua_State *L, int every)
{
    lua_sethook(L, on_hook, LUA_MASKCOUNT, every);
}

/* lua_sethook may be called at any time. */
static void hurry(lua_State *L)
{
    set_hook(L, 1);
}

void budget_watch(lua_State *L)
{
    state_of(L)->hurry = hurry;
}

/* In the handler of a signal, where Lua's own interpreter calls lua_sethook, too. Lua may be about
 * to note that there is no hook, so one that an earlier tick has set is set again. */
static void on_tick(void *co)
{
    hurry(co);
}

static void spend_steps(struct budget *budget, uint64_t steps)
{
    budget->instructions -= steps < budget->instructions ? steps : budget->instructions;
}

/* The thread's CPU time, as it was at most CPU_READ_EVERY_US before now. */
static int64_t recent_cpu_us(int64_t now_us)
{
    static _Thread_local int64_t read_at_us = -CPU_READ_EVERY_US, cpu_us;
    if (now_us - read_at_us >= CPU_READ_EVERY_US) {
        read_at_us = now_us;
        cpu_us = clock_cpu_us();
    }
    return cpu_us;
}

/* On a busy machine, or with a share of a CPU, a run is often interrupted. */
static int64_t uncounted_us(const struct budget *budget, int64_t now_us)
{
    int64_t passed = now_us - budget->uncounted_us;
    if (passed < CPU_READ_EVERY_US)
        return passed;
    int64_t ran = clock_cpu_us() - budget->cpu_us;
    return ran < passed ? ran : passed;
}

/* Charges the time that the run took without a hook. */
static void spend_uncounted(struct budget *budget, int64_t now_us)
{
    if (budget->uncounted_us == 0)
        return;
    uint64_t steps = (uint64_t)uncounted_us(budget, now_us) * STEPS_PER_US;
    spend_steps(budget, steps < UNCOUNTED_STEPS ? steps : UNCOUNTED_STEPS);
    budget->uncounted_us = 0;
}

static bool may_run_uncounted(const struct budget *budget)
{
    return budget->instructions > UNCOUNTED_STEPS && budget->run_ms > TICK_LATEST_MS;
}

/* The hook may be set: a tick was late, or the coroutine was created by one that has it. */
static void begin_to_count(struct budget *budget, lua_State *co, int64_t now_us)
{
    bool ticks = may_run_uncounted(budget) && tick_begin(&budget->tick, on_tick, co);
    budget->uncounted_us = ticks ? now_us : 0;
    if (ticks)
        budget->cpu_us = recent_cpu_us(now_us);
    if (ticks && lua_gethookmask(co) != 0)
        lua_sethook(co, NULL, 0, 0);
    else if (!ticks && lua_gethookmask(co) == 0)
        set_hook(co, HOOK_EVERY);
}

void budget_enter(struct budget *budget, lua_State *co, uint64_t steps)
{
    int64_t now_us = clock_mono_us();
    budget->entered_ms = budget->hooked_ms = budget->asked_ms = now_us / 1000;
    spend_steps(budget, steps);
    if (budget_limits(co))
        begin_to_count(budget, co, now_us);
}

int64_t budget_leave(struct budget *budget)
{
    int64_t now_us = clock_mono_us(), took = now_us / 1000 - budget->entered_ms;
    tick_end(&budget->tick);
    spend_uncounted(budget, now_us);
    budget->run_ms -= took < budget->run_ms ? took : budget->run_ms;
    return took;
}

void budget_spend(struct budget *budget, enum err_kind kind, const char *why)
{
    if (budget->spent)
        return;
    budget->spent = true;
    err_set(&budget->why, kind, "%s", why);
}

/* The function of the policy that runs, by its first line: the same in each run, wherever in it the
 * budget ends. False if none runs. */
static bool find_function(lua_State *L, lua_Debug *function)
{
    for (int level = 0; lua_getstack(L, level, function); level++) {
        lua_getinfo(L, "Sl", function);
        if (function->what[0] != 'C')
            return true;
    }
    return false;
}

static void run_out(lua_State *L, struct budget *budget, const char *of)
{
    lua_Debug function;
    char why[LUA_IDSIZE + 160];
    if (!find_function(L, &function))
        snprintf(why, sizeof why, "the policy ran too long: its budget of %s is used up", of);
    else
        snprintf(why, sizeof why,
                 "%s:%d: the policy ran too long in this function: its budget of %s is used up",
                 function.short_src,
                 function.linedefined > 0 ? function.linedefined : function.currentline, of);
    budget_spend(budget, ERR_LIMIT, why);
}

static void ask_loop(struct budget *budget, int64_t now)
{
    if (now - budget->asked_ms < ASK_EVERY_MS)
        return;
    budget->asked_ms = now;
    if (now - budget->entered_ms < CUT_AFTER_MS || !loop_urgent(budget->loop))
        return;
    budget_spend(budget, ERR_TIMEOUT, "the policy was stopped because the run is ending");
}

static bool within(lua_State *L, struct budget *budget, uint64_t steps, int64_t now)
{
    if (budget->instructions < steps) {
        budget->instructions = 0;
        run_out(L, budget, "instructions");
    } else {
        budget->instructions -= steps;
    }
    if (now - budget->entered_ms > budget->run_ms)
        run_out(L, budget, "time");
    ask_loop(budget, now);
    return !budget->spent;
}

/* A few instructions may take long in C functions, where no hook runs. Then the hook comes more
 * often. */
static void pace(lua_State *L, struct budget *budget, int64_t now)
{
    int every = lua_gethookcount(L);
    int next = now - budget->hooked_ms >= SLOW_MS ? 1 + every / 10 : HOOK_EVERY;
    budget->hooked_ms = now;
    budget->unseen = 0;
    if (next != every)
        set_hook(L, next);
}

static void end_it(lua_State *L, struct metered *metered)
{
    lua_sethook(L, on_hook, LUA_MASKCOUNT, 1);
    if (lua_isyieldable(L)) {
        metered->killed = true;
        lua_yield(L, 0);
    } else {
        luaL_error(L, "%s", metered->budget->why.message);
    }
}

static uint64_t take_allocated(struct state *state)
{
    uint64_t steps = state->allocated / BYTES_PER_STEP;
    state->allocated = 0;
    return steps;
}

static void on_hook(lua_State *L, lua_Debug *activation)
{
    struct metered *metered = metered_of(L);
    (void)activation;
    if (metered == NULL || metered->budget == NULL)
        return;
    struct budget *budget = metered->budget;
    uint64_t steps = (uint64_t)lua_gethookcount(L) + take_allocated(state_of(L));
    int64_t now_us = clock_mono_us(), now = now_us / 1000;
    spend_uncounted(budget, now_us);
    if (!budget->spent && within(L, budget, steps, now))
        pace(L, budget, now);
    else
        end_it(L, metered);
}

bool budget_take(lua_State *L, uint64_t steps)
{
    struct budget *budget = budget_of(L);
    if (budget == NULL)
        return true;
    if (steps > budget->instructions) {
        budget->instructions = 0;
        run_out(L, budget, "instructions");
        return false;
    }
    budget->instructions -= steps;
    budget->unseen += steps;
    if (budget->unseen >= UNSEEN_STEPS)
        set_hook(L, 1);
    return true;
}

void budget_charge(lua_State *L, uint64_t steps)
{
    if (!budget_take(L, steps))
        luaL_error(L, "%s", budget_of(L)->why.message);
}

bool budget_limits(lua_State *L)
{
    return budget_of(L) != NULL;
}

struct pattern_budget *budget_patterns(lua_State *L)
{
    struct budget *budget = budget_of(L);
    return budget != NULL ? &budget->patterns : NULL;
}
