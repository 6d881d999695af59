/* Nothing that a policy learns about one resource may affect the verdict on another: what exists
 * when the file has run is frozen. In these tests, policies try to keep something, each in its own
 * way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "bindings/vm/policy_file.h"
#include "bindings/vm/state.h"
#include "support/host_world.h"
#include "value/json.h"

#define FROZEN "frozen after the file has run: a policy keeps nothing between resources"
#define ASSIGNED                                                                                   \
    " is assigned in a function, and would keep its value after the file has run: a policy keeps " \
    "nothing "                                                                                     \
    "between resources"

/* head is the first lines; body is the audit of r. */
static char *policy_of(const char *name, const char *head, const char *body)
{
    return mem_printf("%s\nreturn policy { type = '%s', title = 'T', permissions = {\n"
                      "read = { 'sqs:ListQueues' } }, fetch = function() return {} end,\n"
                      "checks = { { id = '%s.a', title = 'A', severity = 'low',\n"
                      "audit = function(r) %s end } } }",
                      head, name, name, body);
}

struct attempt {
    const char *head, *body;
    const char *expected; /* what each audit reports, or how the file is refused */
};

/* The audit of a second resource gives the same result as that of the first, and so does one of the
 * next run in the same process. */
static const struct attempt writes[] = {
    {"local cache = {}", "cache.state = r.id return true", ":5: \"state\" cannot be set: this "},
    {"local cache = {}", "cache[1] = r.id return true", ":5: \"1\" cannot be set: this "},
    {"local cache = {}", "cache[r.aws] = true return true", ":5: this table is "},
    {"local cache = { deep = { deeper = {} } }", "cache.deep.deeper.x = 1 return true", ":5: "},
    {"local list = { 'a' }", "table.insert(list, 'b') return true", ":5: "},
    {"local list = { 'a' }", "table.insert(list, 1, 'b') return true", ":5: "},
    {"local list = { 'a' }", "table.remove(list) return true", ":5: "},
    {"local list = { 'b', 'a' }", "table.sort(list) return true", ":5: "},
    {"local list = { 'b', 'a' }", "table.move({ 1 }, 1, 1, 1, list) return true", ":5: "},
    {"local box = { {} }", "for _, inner in ipairs(box) do inner.x = 1 end return true", ":5: "},
    {"local box = { {} }", "for _, inner in pairs(box) do inner.x = 1 end return true", ":5: "},
    {"local box = { {} }", "local _, inner = next(box) inner.x = 1 return true", ":5: "},
    {"local box = { {} }", "rawget(box, 1).x = 1 return true", ":5: "},
    {"local box = { {} }", "table.unpack(box).x = 1 return true", ":5: "},
    {"local own = {} own.own = own", "own.own.own.x = 1 return true", ":5: "},
    {"local function made() local kept = {} return function(x) kept.x = x end end\n"
     "local keep = made()",
     "keep(r.id) return true", ":1: \"x\" cannot be set: this "},
    {"local tools = { keep = (function() local kept = {} return function(x) kept.x = x end end)() "
     "}",
     "tools.keep(r.id) return true", ":1: \"x\" cannot be set: this "},
    {"local lib = require 'lib.keeper'", "lib.kept.x = 1 return true", ":5: "},
    {"local lib = require 'lib.keeper'", "lib.x = 1 return true", ":5: "},
    {"local lib = require 'lib.keeper'", "require('lib.keeper').kept.x = 1 return true", ":5: "},
    {"local keep = require('lib.keeper').keep", "keep(r.id) return true", "lib/keeper.lua:2: "},
    {"local own = require('lib.keeper').own", "own(r.id) return true", "lib/keeper.lua:3: "},
    {"local function made() local kept = {} return function() return kept end end\n"
     "local get = made()",
     "get().x = 1 return true", ":6: \"x\" cannot be set: this "},
    {"local keep = (function() local _ENV = {}\nreturn function(x) kept = x end end)()",
     "keep(r.id) return true", ":2: \"kept\" cannot be set: this "},
    {"local list = { { 'a' } }", "for _, inner in next, list do inner[1] = r.id end return true",
     ":5: "},
    {"local list = { {} }", "select(1, table.unpack(list)).x = 1 return true", ":5: "},
    {"local data = json.decode '{\"a\":[]}'", "table.insert(data.a, r.id) return true", ":5: "},
    {"local pair = table.pack({})", "pair[1].x = r.id return true", ":5: "},
    {"", "local g = string g.x = 1 return true", "read-only"},
    {"", "kept = r.id return true", "kept"},
    {"", "_ENV.kept = r.id return true", "kept"},
};

static void says_of_each(const struct attempt *attempt, const char *wanted)
{
    static int count;
    char name[16];
    snprintf(name, sizeof name, "k%d", ++count);
    char *text = policy_of(name, attempt->head, attempt->body);
    const struct policy *policy = world_load(&world, name, text);
    for (int i = 0; i < 3; i++) {
        if (i == 2)
            world.evaluator->forget(world.evaluator->self);
        json_t *outcome = world_audit(&world, policy, NULL);
        const json_t *check = json_array_get(json_object_get(outcome, "checks"), 0);
        const char *message = json_get_string(json_object_get(check, "error"), "message", "none");
        const char *status = json_get_string(check, "status", "?");
        if (strcmp(status, wanted) != 0 || strstr(message, attempt->expected) == NULL)
            fail_msg("%s %s: %s: %s", attempt->head, attempt->body, status, message);
        json_decref(outcome);
    }
    mem_free(text);
}

static void refuses_writes(void **state)
{
    (void)state;
    world_write(&world, "policies/lib/keeper.lua",
                "local kept, M = {}, {}\n"
                "function M.keep(x) kept.x = x end\n"
                "function M.own(x) M.x = x end\n"
                "M.kept = kept\n"
                "return M\n");
    for (size_t i = 0; i < sizeof writes / sizeof *writes; i++)
        says_of_each(&writes[i], "unknown");
}

static void gives_the_reason(void **state)
{
    (void)state;
    static const struct attempt attempt = {"local cache = {}", "cache.x = r.id return true",
                                           ":5: \"x\" cannot be set: this table is " FROZEN};
    says_of_each(&attempt, "unknown");
}

/* A refused write has not been made, even if the error is caught. */
static void keeps_nothing_of_a_caught_write(void **state)
{
    (void)state;
    static const struct attempt attempt = {
        "local cache = {}",
        "pcall(function() cache.x = true end) if cache.x then return false, 'kept' end return true",
        "none"};
    says_of_each(&attempt, "compliant");
}

static const struct attempt refused[] = {
    {"local last", "last = r.id return true", ":5: \"last\"" ASSIGNED},
    {"local last\nlocal function keep(x)\n last = x\nend", "keep(r.id) return true",
     ":3: \"last\"" ASSIGNED},
    {"local last", "local function f() last = r.id end f() return true", ":5: \"last\"" ASSIGNED},
    {"local last", "r:map({ 1 }, function() last = r.id end) return true", ":5: \"last\"" ASSIGNED},
    {"local n = 0", "n = n + 1 return n == 1", ":5: \"n\"" ASSIGNED},
    {"local function counter() local n = 0\n return function() n = n + 1\n return n end end\n"
     "local count = counter()",
     "return count() == 1", ":2: \"n\"" ASSIGNED},
    {"local t = { (function() local n = 0 return function() n = n + 1 return n end end)() }",
     "return t[1]() == 1", ":1: \"n\"" ASSIGNED},
    {"local count = require 'lib.counter'", "return count() == 1", "lib/counter.lua:2: \"n\""},
    {"local count = require('lib.counters').count", "return count() == 1",
     "lib/counters.lua:2: \"n\""},
    {"local function keep(x) return function() return function() last = x end end end\n"
     "local last\nkeep = (function() local last return function(x) (function() last = x end)() end "
     "end)()",
     "keep(r.id) return true", ":3: \"last\"" ASSIGNED},
    {"local a, b = {}, {}\nlocal swap = function() a, b = b, a end", "swap() return a == b",
     " is assigned in a function"},
    {"local last\nlocal all = { keep = { deep = function(x) last = x end } }",
     "all.keep.deep(r.id) return true", ":2: \"last\"" ASSIGNED},
    {"local letters = { next = ('abc'):gmatch '.' }", "return letters.next() == 'a'",
     "an iterator of gmatch"},
    {"local letters = ('abc'):gmatch '.'", "return letters() == 'a'", "an iterator of gmatch"},
    {"local keys = { [{}] = 1 }", "return next(keys) ~= nil", "whose keys are tables or functions"},
    {"local deep = {} for _ = 1, 100000 do deep = { deep } end", "return deep ~= nil",
     "nested too deeply"},
};

static void refuses_files_that_keep(void **state)
{
    (void)state;
    world_write(&world, "policies/lib/counter.lua",
                "local n = 0\nreturn function() n = n + 1 return n end\n");
    world_write(&world, "policies/lib/counters.lua",
                "local n = 0\nlocal function count() n = n + 1 return n end\n"
                "return { count = count }\n");
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        char *text = policy_of("kept", refused[i].head, refused[i].body);
        const char *message = world_refusal(&world, text);
        if (strstr(message, refused[i].expected) == NULL)
            fail_msg("%s %s: %s", refused[i].head, refused[i].body, message);
        mem_free(text);
    }
}

/* An assignment far from the start of a long function is reported, too. */
static void reports_the_line_in_a_long_function(void **state)
{
    (void)state;
    char lines[4096] = "local last\nlocal function f(x)\n", expected[160];
    for (int i = 0; i < 300; i++)
        strcat(lines, i % 100 == 0 ? "\n\n\n\n x = x + 1\n" : "x = x + 1\n");
    strcat(lines, "last = x end");
    snprintf(expected, sizeof expected, ":%d: \"last\"" ASSIGNED, 2 + 300 + 3 * 4 + 1);
    char *text = policy_of("long", lines, "f(1) return true");
    const char *message = world_refusal(&world, text);
    if (strstr(message, expected) == NULL)
        fail_msg("%s is not in %s", expected, message);
    mem_free(text);
}

/* What a file creates once, and what a call creates for itself, is allowed. */
static const struct attempt good[] = {
    {"local f\nf = function(n) return n == 0 or f(n - 1) end", "return f(3)", "none"},
    {"local n = 0\nfor i = 1, 3 do n = n + i end", "return n == 6", "none"},
    {"local n = 0\nlocal function add(x) n = n + x end\nadd(2) add(3)\nlocal sum = n",
     "return sum == 5", "none"},
    {"local set = {}\nfor _, x in ipairs { 'a', 'b' } do set[x] = true end",
     "return set.a and set.b and not set.c", "none"},
    {"", "local n = 0 local function f() n = n + 1 end f() f() return n == 2", "none"},
    {"local list = { 'b', 'a', 'c' }",
     "local n = 0 for i, x in ipairs(list) do n = n + i end for _ in pairs(list) do n = n + 1 end\n"
     "for _ in next, list do n = n + 1 end local mine = { table.unpack(list) } table.sort(mine)\n"
     "return n == 12 and #list == 3 and table.concat(list) == 'bac' and rawlen(list) == 3\n"
     " and table.concat(mine) == 'abc' and rawget(list, 2) == 'a' and #table.pack(table.unpack("
     "list)) == 3",
     "none"},
    {"local one = {} local box, other = { one }, { one }",
     "return box[1] == other[1] and one == "
     "box[1]",
     "none"},
    {"local f, g\nfunction f(n) return n == 0 or g(n - 1) end\n"
     "function g(n) return n == 0 or f(n - 1) end",
     "return f(9)", "none"},
    {"local none = require 'lib.none'", "return none ~= nil", "none"},
    {"local letters = utf8 and utf8.codes 'abc'",
     "local n = 0 for _ in utf8.codes 'ab' do n = n + 1 end return n == 2", "none"},
    {"",
     "local n, t = 0, {} r:map({ 1, 2 }, function(i) n = n + i t[i] = i end)\n"
     "return n == 3 and #t == 2",
     "none"},
    {"local wrong = { kind = 'policy', message = 'kept' }", "error(wrong, 0)", "kept"},
};

static void accepts_files_that_keep_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        says_of_each(&good[i], strcmp(good[i].expected, "none") == 0 ? "compliant" : "unknown");
}

static void finds_a_frozen_list(void **state)
{
    (void)state;
    const struct policy *policy = world_load(
        &world, "frozen",
        "local ids = { 'a', 'b' }\nreturn policy { type = 'frozen', title = 'T', permissions = {\n"
        "read = { 'sqs:ListQueues' } }, fetch = function() return {} end,\n"
        "discover = function(scope) scope:found(ids) end,\n"
        "checks = { { id = 'frozen.a', title = 'A', severity = 'low',\n"
        "audit = function() return true end } } }");
    json_decref(world_discover(&world, policy));
    char *text = json_text(world.found);
    assert_non_null(strstr(text, "\"a\""));
    assert_non_null(strstr(text, "\"b\""));
    mem_free(text);
}

/* The Lua state stays, but not what belonged to a run. */
static void gives_the_next_run_its_own_settings(void **state)
{
    (void)state;
    const struct policy *policy = world_load(
        &world, "settled",
        "return policy { type = 'settled', title = 'T', permissions = {\n"
        "read = { 'sqs:ListQueues' } }, fetch = function() return {} end,\n"
        "checks = { { id = 'settled.a', title = 'A', severity = 'low', audit = function(r)\n"
        "if r.settings.db_check_time == 60 then return true end\n"
        "return false, tostring(r.settings.db_check_time) end } } }");
    world_expect(&world, policy, NULL, "compliant");
    const struct state *kept = policy_file_of(policy)->state;
    json_object_set_new(world.settings, "db_check_time", json_integer(7));
    world.evaluator->forget(world.evaluator->self);
    world_expect(&world, policy, NULL, "non_compliant");
    assert_ptr_equal(policy_file_of(policy)->state, kept);
    json_object_set_new(world.settings, "db_check_time", json_integer(60));
    world.evaluator->forget(world.evaluator->self);
}

#define CHECK(id, body)                                                                            \
    "{ id = 'used." id "', title = 'A', severity = 'low', audit = function(r) " body " end },\n"

static const char used[] =
    "return policy { type = 'used', title = 'T', permissions = { read = { 'sqs:ListQueues' } },\n"
    "fetch = function() return {} end, checks = {\n" CHECK("good", "return true")
        CHECK("deep", "local function f(n) if n == 0 then return 0 end return 1 + f(n - 1) end\n"
                      "return f(2000) == 2000")
            CHECK("fails", "local own <close> = nil error('failed', 0)")
                CHECK("leaves", "r:later(1)") CHECK("ends", "while true do end")
                    CHECK("maps", "return #r:map({ 1, 2, 3 }, function(i) return i end) == 3") "}}";

static void audits(const struct policy *policy, const char *check, const char *expected)
{
    const struct audit_options options = {.only_check = check};
    json_t *outcome = world_audit(&world, policy, &options);
    char *text = json_dumps(outcome, 0);
    if (strstr(text, expected) == NULL)
        fail_msg("%s: %s", check, text);
    mem_free(text);
    json_decref(outcome);
}

static void audits_all(const struct policy *policy)
{
    audits(policy, "used.good", "\"compliant\"");
    audits(policy, "used.deep", "\"compliant\"");
    audits(policy, "used.fails", "\"message\": \"failed\"");
    audits(policy, "used.maps", "\"compliant\"");
    audits(policy, "used.leaves", "\"later\"");
}

/* Each collection gives back only half of what deep calls took. */
static size_t used_at_least(struct state *lua)
{
    size_t before;
    do {
        before = lua->used;
        lua_gc(lua->L, LUA_GCCOLLECT);
    } while (lua->used < before);
    return lua->used;
}

/* The next job runs in the coroutines and the memory of those that have ended. */
static void runs_well_where_another_job_ended(void **state)
{
    (void)state;
    const struct policy *policy = world_load(&world, "used", used);
    audits_all(policy);
    struct state *lua = policy_file_of(policy)->state;
    size_t before = used_at_least(lua);
    int spare = lua->spare_tasks.count;
    assert_true(spare > 0);
    for (int i = 0; i < 20; i++)
        audits_all(policy);
    audits(policy, "used.ends", "ran too long");
    audits_all(policy);
    assert_in_range(used_at_least(lua), 1, before + 4096);
    assert_int_equal(lua->spare_tasks.count, spare);
}

static void counts(const struct policy *policy, const struct audit_options *options, size_t checks,
                   bool traced)
{
    json_t *outcome = world_audit(&world, policy, options);
    const json_t *list = json_object_get(outcome, "checks");
    assert_int_equal(json_array_size(list), checks);
    assert_int_equal(json_object_get(json_array_get(list, 0), "looked_at") != NULL, traced);
    json_decref(outcome);
}

/* What jobs usually ask for is kept from one to the next. */
static void does_only_what_this_job_asks_for(void **state)
{
    (void)state;
    static const struct audit_options all, one = {.only_check = "asked.a"},
                                           traced = {.trace = true};
    const struct policy *policy = world_load(
        &world, "asked",
        "return policy { type = 'asked', title = 'T', permissions = { read = { 'sqs:ListQueues' } "
        "},\nfetch = function() return {} end, checks = {\n"
        "{ id = 'asked.a', title = 'A', severity = 'low', audit = function() return true end },\n"
        "{ id = 'asked.b', title = 'B', severity = 'low', audit = function() return true end } } "
        "}");
    for (int i = 0; i < 3; i++) {
        counts(policy, &all, 2, false);
        counts(policy, &traced, 2, true);
        counts(policy, &one, 1, false);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_writes),
        cmocka_unit_test(gives_the_reason),
        cmocka_unit_test(keeps_nothing_of_a_caught_write),
        cmocka_unit_test(refuses_files_that_keep),
        cmocka_unit_test(reports_the_line_in_a_long_function),
        cmocka_unit_test(accepts_files_that_keep_nothing),
        cmocka_unit_test(finds_a_frozen_list),
        cmocka_unit_test(gives_the_next_run_its_own_settings),
        cmocka_unit_test(runs_well_where_another_job_ended),
        cmocka_unit_test(does_only_what_this_job_asks_for),
    };
    return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
