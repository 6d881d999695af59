/* A call that raised an error taints the unit in which it was made, whatever the policy does with
 * the error: fetch (every check), a part of the state (the checks that used it), the tags, one
 * check's audit or fix, or a discovery. In these tests, policies try to pass a refused read off as
 * something else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/tricks.h"
#include "value/json.h"

#define UNANSWERED "a call failed or was cancelled, and the policy continued without its response"

/* One check's own calls taint only that check. */
static const struct trick audits[] = {
    {"no error is caught", TRICKS_AUDIT("refused(r) return true"),
     "unknown: " TRICKS_NO ", compliant"},
    {"a default", TRICKS_AUDIT("local ok, x = pcall(refused, r) return ok and x.bad or true"),
     "unknown: " TRICKS_NO ", compliant"},
    {"a default by xpcall", TRICKS_AUDIT("xpcall(refused, function() end, r) return true"),
     "unknown: " TRICKS_NO ", compliant"},
    {"pcall in pcall", TRICKS_AUDIT("pcall(pcall, refused, r) pcall(error, 'x') return true"),
     "unknown: " TRICKS_NO ", compliant"},
    {"another error", TRICKS_AUDIT("local ok, e = pcall(refused, r) error('all is well', 0)"),
     "unknown: " TRICKS_NO ", compliant"},
    {"the error, thrown again and caught again",
     TRICKS_AUDIT("pcall(function() local _, e = pcall(refused, r) error(e, 0) end) return true"),
     "unknown: " TRICKS_NO ", compliant"},
    {"a verdict that is bad", TRICKS_AUDIT("pcall(refused, r) return false, 'bad'"),
     "unknown: " TRICKS_NO ", compliant"},
    {"in a coroutine",
     TRICKS_AUDIT("r:map({ 1, 2 }, function(i) pcall(refused, r) end) return true"),
     "unknown: " TRICKS_NO ", compliant"},
    {"in a coroutine of a coroutine",
     TRICKS_AUDIT("r:map({ 1 }, function() r:map({ 1 }, function() pcall(refused, r) end) end)\n"
                  "return true"),
     "unknown: " TRICKS_NO ", compliant"},
    {"a map that ended by it",
     TRICKS_AUDIT("pcall(r.map, r, { 1, 2 }, function() refused(r) end) return true"),
     "unknown: " TRICKS_NO ", compliant"},
    {"an iterator",
     TRICKS_AUDIT(
         "local ok = pcall(function() for _ in r.aws.sqs:pages('ListQueues', { X = 1 }) do\n"
         "end end) return true"),
     "~.lua:14: sqs:ListQueues: X: unknown parameter"},
    {"a parameter that is none",
     TRICKS_AUDIT("pcall(function() r.aws.sqs:ListQueues { X = 1 } end) return true"),
     "~.lua:14: sqs:ListQueues: X: unknown parameter"},
    {"an operation that is not declared",
     TRICKS_AUDIT("pcall(function() return r.aws.sqs.ListQueueTags end) return true"),
     "~sqs:ListQueueTags is not declared"},
    {"a service that is none",
     TRICKS_AUDIT("pcall(function() return r.aws.nothing.x end) return true"),
     "~nothing:x is not declared"},
    {"called with a dot", TRICKS_AUDIT("pcall(r.aws.sqs.ListQueues) return true"),
     "unknown: " UNANSWERED ", compliant"},
    {"where nobody can wait",
     TRICKS_AUDIT("pcall(table.sort, { 1, 2 }, function() answered(r) end) return true"),
     "unknown: " UNANSWERED ", compliant"},
    {"pages where nobody can wait",
     TRICKS_AUDIT("for _ in r.aws.sqs:pages('ListQueues', {}) do end\n"
                  "local it = r.aws.sqs:pages('ListQueues', {})\n"
                  "pcall(string.gsub, 'x', 'x', function() it() end) return true"),
     "unknown: " UNANSWERED ", compliant"},
    {"in when",
     "fetch = function() return {} end, checks = { check('a', pass,\n"
     "{ when = function(r) return pcall(refused, r) end }), check('b', pass) }",
     "unknown: " TRICKS_NO ", compliant"},
    {"who asks", TRICKS_AUDIT("pcall(r.caller) return true"), "unknown: " UNANSWERED ", compliant"},
    {"not ready", TRICKS_AUDIT("pcall(refused, r) r:later(60)"),
     "unknown: " TRICKS_NO ", compliant"},
    {"not ready, in pcall", TRICKS_AUDIT("pcall(refused, r) pcall(r.later, r, 60) return true"),
     "unknown: " TRICKS_NO ", compliant"},
    {"no longer there", TRICKS_AUDIT("pcall(refused, r) r:gone()"),
     "unknown: " TRICKS_NO ", compliant"},
    {"no longer there, in pcall", TRICKS_AUDIT("pcall(refused, r) pcall(r.gone, r) return true"),
     "unknown: " TRICKS_NO ", compliant"},
    {"no longer there, and nothing was refused",
     TRICKS_AUDIT("answered(r) pcall(r.gone, r) return true"), "gone"},
    {"what others asked", TRICKS_AUDIT("answered(r) return true"), "compliant, compliant"},
    {"a call that was given up",
     TRICKS_AUDIT("local ok, e = pcall(r.map, r, { 1, 2 }, function(i)\n"
                  "if i == 2 then error('enough', 0) end answered(r) end) return e == 'enough'"),
     "unknown: " UNANSWERED ", compliant"},
    {"a call that was given up where it was refused",
     TRICKS_AUDIT("pcall(r.map, r, { 1, 2 }, function(i)\n"
                  "if i == 2 then error('enough', 0) end refused(r) end) return true"),
     "unknown: " UNANSWERED ", compliant"},
    {"pages that were given up",
     TRICKS_AUDIT("pcall(r.map, r, { 1, 2 }, function(i) if i == 2 then error('enough', 0) end\n"
                  "for _ in r.aws.sqs:pages('ListQueues', {}) do end end) return true"),
     "unknown: " UNANSWERED ", compliant"},
    {"who asks, given up",
     TRICKS_AUDIT("pcall(r.map, r, { 1, 2 }, function(i) if i == 2 then error('enough', 0) end\n"
                  "r:caller() end) return true"),
     "unknown: " UNANSWERED ", compliant"},
    {"a call of a map within the map",
     TRICKS_AUDIT("pcall(r.map, r, { 1, 2 }, function(i) if i == 2 then error('enough', 0) end\n"
                  "r:map({ 1 }, function() answered(r) end) end) return true"),
     "unknown: " UNANSWERED ", compliant"},
    {"a map that is over but for who failed",
     TRICKS_AUDIT("local done = 0 pcall(r.map, r, { 1, 2 }, function(i) answered(r)\n"
                  "done = done + 1 if done == 2 then error('enough', 0) end end) return done == 2"),
     "compliant, compliant"},
    {"a map of which nobody began but who failed",
     TRICKS_AUDIT("pcall(r.map, r, { 1, 2 }, function(i) error('enough', 0) end) return true"),
     "compliant, compliant"},
};

static void a_call_of_an_audit_taints_its_check(void **state)
{
    (void)state;
    TRICKS_RUN(audits, NULL);
}

/* Every check depends on the fetch. */
static const struct trick fetches[] = {
    {"a default", TRICKS_FETCH("pcall(refused, r) return {}"), "failed: " TRICKS_NO},
    {"gone", TRICKS_FETCH("pcall(refused, r) return nil"), "failed: " TRICKS_NO},
    {"not ready", TRICKS_FETCH("pcall(refused, r) return r:later(60)"), "failed: " TRICKS_NO},
    {"not ready, in pcall", TRICKS_FETCH("pcall(refused, r) pcall(r.later, r, 60) return nil"),
     "failed: " TRICKS_NO},
    {"nothing", TRICKS_FETCH("pcall(refused, r)"), "failed: " TRICKS_NO},
    {"in a coroutine", TRICKS_FETCH("r:map({ 1 }, function() pcall(refused, r) end) return nil"),
     "failed: " TRICKS_NO},
    {"not ready, and nothing was refused", TRICKS_FETCH("answered(r) return r:later(60)"), "later"},
    {"gone, and nothing was refused", TRICKS_FETCH("answered(r) return nil"), "gone"},
};

static void a_call_of_fetch_taints_all_checks(void **state)
{
    (void)state;
    TRICKS_RUN(fetches, NULL);
}

#define PARTS(reads, a)                                                                            \
    "fetch = function() return { x = { 1 } } end, reads = { " reads " }, checks = {\n"             \
    "check('a', function(r, s) " a " end), check('b', function(_, s) return s.x[1] == 1 end) }"
#define TAGS "tags = function(r) return refused(r).Attributes end"

/* A part taints the checks that used it. */
static const struct trick parts[] = {
    {"is read", PARTS("t = function(r) return answered(r) end", "return s.t.QueueUrls[1] == 'a'"),
     "compliant, compliant"},
    {"nobody looks", PARTS(TAGS, "return true"), "compliant, compliant"},
    {"a look", PARTS(TAGS, "return s.tags == nil"), "unknown: " TRICKS_NO ", compliant"},
    {"a look in pcall", PARTS(TAGS, "pcall(function() return s.tags end) return true"),
     "unknown: " TRICKS_NO ", compliant"},
    {"a look, raw", PARTS(TAGS, "pcall(rawget, s, 'tags') return true"),
     "~this waits for a response"},
    {"a look at all", PARTS(TAGS, "pcall(function() for _ in pairs(s) do end end) return true"),
     "unknown: " TRICKS_NO ", compliant"},
    {"a default in the part",
     PARTS("t = function(r) pcall(refused, r) return {} end", "return s.t ~= nil"),
     "unknown: " TRICKS_NO ", compliant"},
    {"a part of a part",
     PARTS("t = function(_, s) pcall(function() return s.u end) return 1 end,\n"
           "u = function(r) return refused(r) end",
           "return s.t == 1"),
     "unknown: " TRICKS_NO ", compliant"},
    {"in a coroutine",
     PARTS(TAGS, "r:map({ 1, 2 }, function() pcall(function() return s.tags end) end)\n"
                 "return true"),
     "unknown: " TRICKS_NO ", compliant"},
    {"a look that was given up",
     PARTS("t = function(r) return answered(r) end",
           "pcall(r.map, r, { 1, 2 }, function(i) if i == 2 then error('enough', 0) end\n"
           "return s.t end) return true"),
     "unknown: " UNANSWERED ", compliant"},
    {"a part that needs itself",
     PARTS("t = function(_, s) pcall(function() return s.u end) return 1 end,\n"
           "u = function(_, s) return s.t end",
           "return s.t == 1"),
     "~the part u of the state needs itself"},
    {"parts that need each other, at once",
     PARTS("t = function(r, s) answered(r) return s.u end, u = function(r, s) answered(r) return "
           "s.t end",
           "r:map({ 't', 'u' }, function(n) pcall(function() return s[n] end) end) return true"),
     "~the part u of the state needs itself"},
    {"one that raised", PARTS("t = function() error('broken', 0) end", "return s.t"),
     "unknown: broken, compliant"},
    {"where nobody can wait",
     PARTS("t = function(r) return answered(r) end",
           "pcall(table.sort, { 1, 2 }, function() return s.t end) return true"),
     "~this waits for a response"},
};

static void a_part_taints_the_checks_that_used_it(void **state)
{
    (void)state;
    TRICKS_RUN(parts, NULL);
    char *found = tricks_short(
        world_audit(&world, tricks_load(PARTS("x = function() end", "return true")), NULL));
    assert_non_null(strstr(found, "fetch returns the part x, which is declared under reads"));
    mem_free(found);
}

#define LATER "t = function(r) r:later(60) end"

/* A part that is not ready puts off the checks that looked at it. */
static const struct trick waits[] = {
    {"a look", PARTS(LATER, "return s.t == nil"), "pending, compliant"},
    {"a look in pcall", PARTS(LATER, "pcall(function() return s.t end) return true"),
     "pending, compliant"},
    {"nobody looks", PARTS(LATER, "return true"), "compliant, compliant"},
    {"caught in the part",
     PARTS("t = function(r) pcall(r.later, r, 60) return 1 end", "return s.t == 1"),
     "pending, compliant"},
    {"a part of a part",
     PARTS(LATER ", u = function(_, s) pcall(function() return s.t end) return 1 end",
           "return s.u == 1"),
     "pending, compliant"},
    {"in a coroutine", PARTS(LATER, "return #r:map({ 1, 2 }, function() return s.t end) == 2"),
     "pending, compliant"},
    {"where nobody can wait",
     PARTS(LATER, "pcall(table.sort, { 1, 2 }, function() return s.t end) return true"),
     "pending, compliant"},
    {"the check itself", TRICKS_AUDIT("pcall(r.later, r, 60) return true"), "pending, compliant"},
    {"the check's condition",
     "fetch = function() return {} end, checks = {\n"
     "check('a', pass, { when = function(r) r:later(60) end }), check('b', pass) }",
     "pending, compliant"},
    {"a call that is refused then",
     PARTS(LATER, "pcall(function() return s.t end) pcall(refused, r) return true"),
     "unknown: " TRICKS_NO ", compliant"},
    {"the tags", "tags = function(_, s) return s.t end, " PARTS(LATER, "return true"), "later"},
};

static void a_part_that_is_not_ready_puts_off_the_checks_that_used_it(void **state)
{
    static const char fields[] = PARTS(LATER, "return s.t == nil");
    (void)state;
    TRICKS_RUN(waits, NULL);
    json_t *outcome = world_audit(&world, tricks_load(fields), NULL);
    const json_t *first = json_array_get(json_object_get(outcome, "checks"), 0);
    assert_int_equal(json_get_integer(first, "later", 0), 60);
    json_decref(outcome);
    json_t *asked = json_pack("[s]", "t");
    char *found = tricks_short(
        world_audit(&world, tricks_load(fields), &(struct audit_options){.parts = asked}));
    assert_string_equal(found, "later");
    mem_free(found);
    json_decref(asked);
}

/* A part is read once, however many coroutines use it, even at the same time; a read that was given
 * up is repeated. */
static void reads_a_part_once(void **state)
{
    static const struct trick once[] = {
        {"together",
         PARTS("t = function(r) return answered(r).QueueUrls end",
               "local got = r:map({ 1, 2, 3 }, function() return s.t end)\n"
               "return got[1] == got[2] and got[3][1] == 'a'"),
         "compliant, compliant"},
        {"in turn", PARTS("t = function(r) answered(r) end", "return s.t == nil and s.t == nil"),
         "compliant, compliant"},
        {"given up",
         PARTS("t = function(r) return answered(r).QueueUrls end",
               "local got = r:map({ 1, 2 }, function(i)\n"
               "if i == 2 then return s.t[1] end\n"
               "pcall(r.map, r, { 1, 2 }, function(j)\n"
               "if j == 1 then return s.t end error('enough', 0) end) return 'b' end)\n"
               "error(got[1] .. got[2], 0)"),
         "unknown: ba, compliant"},
    };
    static const size_t calls[] = {1, 2, 3}; /* the call that is given up has not been sent yet */
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        tricks_run(&once[i], 1, NULL);
        assert_int_equal(world_count(&world, "ListQueues"), calls[i]);
    }
}

static void a_call_for_tags_taints_the_tags(void **state)
{
    const struct audit_options failing = {.tags = AUDIT_TAGS_OF_FAILING};
    (void)state;
    json_t *outcome =
        world_audit(&world,
                    tricks_load("tags = function(r) pcall(refused, r) return {} end, " TRICKS_FETCH(
                        "return {}")),
                    NULL);
    assert_true(json_is_null(json_object_get(outcome, "tags")) ||
                json_object_get(outcome, "tags") == NULL);
    char *found = tricks_short(outcome);
    assert_string_equal(found, "compliant, compliant");
    mem_free(found);
    assert_int_equal(world_count(&world, "GetQueueAttributes"), 1);
    json_decref(world_audit(
        &world, tricks_load("tags = function(r) return refused(r) end, " TRICKS_FETCH("return {}")),
        &failing));
    assert_int_equal(world_count(&world, "GetQueueAttributes"), 1);
}

#define FIX(body)                                                                                  \
    "fetch = function() return {} end, checks = {\n"                                               \
    "check('a', function() return false, 'bad' end, { fix = function(r, s) " body " end }),\n"     \
    "check('b', function() return false, 'bad' end, { fix = function() return { step() } end }) }"

static const struct trick fixes[] = {
    {"a default", FIX("pcall(refused, r) return { step() }, {}"),
     "non_compliant failed: " TRICKS_NO ", non_compliant steps"},
    {"nothing to do", FIX("pcall(refused, r) return {}"),
     "non_compliant failed: " TRICKS_NO ", non_compliant steps"},
    {"held", FIX("pcall(refused, r) return { held = 'why' }"),
     "non_compliant failed: " TRICKS_NO ", non_compliant steps"},
    {"not ready", FIX("pcall(refused, r) return { later = 9 }"),
     "non_compliant failed: " TRICKS_NO ", non_compliant steps"},
};

static const struct trick unready[] = {
    {"a fix that needs a part",
     "reads = { " LATER " }, fetch = function() return {} end, checks = {\n"
     "check('a', function() return false, 'bad' end,\n"
     "{ fix = function(_, s) return { step(s.t) } end }), check('b', pass) }",
     "non_compliant waits, compliant none"},
};

static void a_fix_that_is_not_ready_waits(void **state)
{
    const struct audit_options options = {.want_fixes = true};
    (void)state;
    TRICKS_RUN(unready, &options);
}

static void a_call_of_a_fix_taints_the_fix(void **state)
{
    const struct audit_options options = {.want_fixes = true};
    (void)state;
    TRICKS_RUN(fixes, &options);
}

static void a_call_of_a_discovery_taints_the_discovery(void **state)
{
    (void)state;
    json_t *outcome = world_discover(
        &world,
        tricks_load("discover = function(s) s:map({ 1 }, function() pcall(refused, s) end)\n"
                    "s:found('x') end, " TRICKS_FETCH("return {}")));
    assert_non_null(strstr(json_get_string(outcome, "failed", ""), "no (allow"));
    assert_int_equal(json_array_size(world.found), 1);
    json_decref(outcome);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_call_of_an_audit_taints_its_check, tricks_set_up,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(a_call_of_fetch_taints_all_checks, tricks_set_up,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(a_part_taints_the_checks_that_used_it, tricks_set_up,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(a_part_that_is_not_ready_puts_off_the_checks_that_used_it,
                                        tricks_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(a_fix_that_is_not_ready_waits, tricks_set_up,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(reads_a_part_once, tricks_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(a_call_for_tags_taints_the_tags, tricks_set_up,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(a_call_of_a_fix_taints_the_fix, tricks_set_up,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(a_call_of_a_discovery_taints_the_discovery, tricks_set_up,
                                        world_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
