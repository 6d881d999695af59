/* Fixes of one resource: their steps, which steps are refused, and how fixes build on each other's
 * `after`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/host_world.h"
#include "value/json.h"

/* Check n is non-compliant as long as field n of the state is true. */
static const char head[] =
    "local function bad(n) return function(_, s)\n"
    "  if s.fail == n then error('cannot audit', 0) end\n"
    "  if s[n] then return false, n .. ' is bad', { n } end return true end end\n"
    "local function step(n) return { call = 'sqs:SetQueueAttributes',\n"
    "  with = { QueueUrl = n, Attributes = {} }, irreversible = 'test' } end\n"
    "local none = require 'lib.none'\n"
    "local function without(...) local after = {}\n"
    "  for _, n in ipairs { ... } do after[n] = none end return after end\n"
    "local function fixes(n, ...) local gone = { ... } return function(_, _, e)\n"
    "  assert(e[1] == n) return { step(n) }, without(n, table.unpack(gone)) end end\n"
    "local function blind(n) return function() return { step(n) } end end\n";

static const struct policy *load(const char *type, const char *state, const char *a, const char *b,
                                 const char *c)
{
    char text[4000];
    snprintf(text, sizeof text,
             "%sreturn policy { type = '%s', title = 'T', permissions = {\n"
             "read = { 'sqs:ListQueues' }, write = { 'sqs:SetQueueAttributes' } },\n"
             "fetch = function() return %s end,\n"
             "tags = function() return { stage = 'prod' } end,\n"
             "checks = {\n"
             "{ id = '%s.a', title = 'A', severity = 'low', audit = bad 'a', fix = %s },\n"
             "{ id = '%s.b', title = 'B', severity = 'low', audit = bad 'b', fix = %s },\n"
             "{ id = '%s.c', title = 'C', severity = 'low', audit = bad 'c', fix = %s } } }",
             head, type, state, type, a, type, b, type, c);
    return world_load(&world, type, text);
}

/* "a: status fix covered_by steps; …": a short form of the outcome's checks. */
static char *short_form(const json_t *outcome)
{
    size_t i;
    json_t *check;
    struct buf out;
    buf_init(&out, 4000);
    json_array_foreach (json_object_get(outcome, "checks"), i, check) {
        const char *id = json_get_string(check, "id", "");
        const char *by = json_get_string(check, "covered_by", "");
        size_t steps = json_array_size(json_object_get(check, "steps"));
        buf_addf(&out, "%s%s %s %s", i > 0 ? "; " : "", strrchr(id, '.') + 1,
                 json_get_string(check, "status", ""), json_get_string(check, "fix", ""));
        if (by[0] != '\0')
            buf_addf(&out, " by %s", strrchr(by, '.') + 1);
        if (steps > 0)
            buf_addf(&out, " %zu", steps);
        if (json_object_get(check, "held") != NULL)
            buf_addf(&out, " %s", json_get_string(check, "held", ""));
        if (json_object_get(check, "error") != NULL)
            buf_addf(&out, " %s", json_get_string(json_object_get(check, "error"), "message", ""));
    }
    return buf_take(&out);
}

struct chain {
    const char *state, *a, *b, *c; /* what is read; the three fixes */
    const char *expected;
};

static const struct chain chains[] = {
    /* each fix with its own `after` */
    {"{ a = 1, b = 1, c = 1 }", "fixes 'a'", "fixes 'b'", "fixes 'c'",
     "a non_compliant steps 1; b non_compliant steps 1; c non_compliant steps 1"},
    /* an earlier after makes a later check compliant */
    {"{ a = 1, b = 1, c = 1 }", "fixes('a', 'b', 'c')", "fixes 'b'", "fixes 'c'",
     "a non_compliant steps 1; b non_compliant covered by a; c non_compliant covered by a"},
    {"{ a = 1, b = 1, c = 1 }", "fixes 'a'", "fixes('b', 'c')", "fixes 'c'",
     "a non_compliant steps 1; b non_compliant steps 1; c non_compliant covered by b"},
    /* only what is non-compliant is fixed */
    {"{ b = 1 }", "fixes 'a'", "fixes 'b'", "fixes 'c'",
     "a compliant none; b non_compliant steps 1; c compliant none"},
    /* without an `after`, later fixes wait */
    {"{ a = 1, b = 1, c = 1 }", "blind 'a'", "fixes 'b'", "fixes 'c'",
     "a non_compliant steps 1; b non_compliant waits; c non_compliant waits"},
    {"{ a = 1, b = 1, c = 1 }", "fixes 'a'", "blind 'b'", "fixes 'c'",
     "a non_compliant steps 1; b non_compliant steps 1; c non_compliant waits"},
    /* without steps there is no fix, and no other fix waits for it */
    {"{ a = 1, b = 1, c = 1 }", "function() return {} end", "nil", "fixes 'c'",
     "a non_compliant none; b non_compliant none; c non_compliant steps 1"},
    {"{ a = 1, b = 1, c = 1 }", "function() return nil end", "fixes 'b'", "nil",
     "a non_compliant none; b non_compliant steps 1; c non_compliant none"},
    /* held and failed fixes change nothing */
    {"{ a = 1, b = 1, c = 1 }", "function() return { held = 'because' } end", "fixes 'b'",
     "fixes('c')",
     "a non_compliant held because; b non_compliant steps 1; c non_compliant steps 1"},
    /* a fix whose steps cannot be made yet waits, and no other fix waits for it */
    {"{ a = 1, b = 1, c = 1 }", "function() return { later = 60 } end", "fixes 'b'", "fixes('c')",
     "a non_compliant waits; b non_compliant steps 1; c non_compliant steps 1"},
    {"{ a = 1, b = 1, c = 1 }", "function() error('broken', 0) end", "fixes 'b'", "fixes 'c'",
     "a non_compliant failed broken; b non_compliant steps 1; c non_compliant steps 1"},
    /* a check that cannot be audited is unknown, and never fixed */
    {"{ a = 1, b = 1, c = 1, fail = 'b' }", "fixes 'a'", "fixes 'b'", "fixes 'c'",
     "a non_compliant steps 1; b unknown none cannot audit; c non_compliant steps 1"},
    /* a check that cannot be audited after an earlier fix */
    {"{ a = 1, b = 1 }", "function() local x = without 'a' x.fail = 'b' return { step 'a' }, x end",
     "fixes 'b'", "nil",
     "a non_compliant steps 1; b non_compliant failed cannot audit; "
     "c compliant none"},
    /* the verdict is about the state as it was read, whatever a fix does to it */
    {"{ a = 1, b = 1, c = 1 }", "function(_, s) return { step 'a' }, { b = none, c = none } end",
     "fixes 'b'", "nil",
     "a non_compliant steps 1; b non_compliant covered by a; c non_compliant none"},
};

static void builds_fixes_on_after(void **state)
{
    const struct audit_options options = {.want_fixes = true};
    (void)state;
    for (size_t i = 0; i < sizeof chains / sizeof *chains; i++) {
        char type[16];
        const struct chain *chain = &chains[i];
        snprintf(type, sizeof type, "chain%zu", i);
        const struct policy *policy = load(type, chain->state, chain->a, chain->b, chain->c);
        json_t *outcome = world_audit(&world, policy, &options);
        char *found = short_form(outcome);
        if (strcmp(found, chain->expected) != 0)
            fail_msg("chain %zu: \"%s\" instead of \"%s\"", i, found, chain->expected);
        mem_free(found);
        json_decref(outcome);
    }
    assert_int_equal(json_array_size(world.requests), 0);
}

/* A fix that will be held leaves the state unchanged for the other fixes, which make their own
 * steps. */
static void builds_on_nothing_that_is_held(void **state)
{
    const struct audit_options options = {.want_fixes = true};
    (void)state;
    json_object_set_new(world.settings, "hold_irreversible", json_true());
    const struct policy *policy =
        load("stays", "{ a = 1, b = 1, c = 1 }", "fixes('a', 'b')", "blind 'b'", "fixes 'c'");
    json_t *outcome = world_audit(&world, policy, &options);
    char *found = short_form(outcome);
    assert_string_equal(found, "a non_compliant steps 1; b non_compliant steps 1; "
                               "c non_compliant steps 1");
    mem_free(found);
    json_decref(outcome);
}

static void check_with(const struct policy *policy, const struct audit_options *options,
                       const char *expected)
{
    json_t *outcome = world_audit(&world, policy, options);
    char *found = short_form(outcome);
    assert_string_equal(found, expected);
    mem_free(found);
    json_decref(outcome);
}

static bool may_fix(void *arg, const struct audit_asked *asked)
{
    assert_string_equal(json_get_string(asked->tags, "stage", ""), "prod");
    assert_null(asked->part);
    return strcmp(asked->check, arg) != 0;
}

static void runs_only_the_selected_fixes(void **state)
{
    char exempt[] = "thing.a";
    (void)state;
    const struct policy *policy =
        load("thing", "{ a = 1, b = 1 }", "fixes('a', 'b')", "fixes 'b'", "nil");
    check_with(policy, NULL, "a non_compliant ; b non_compliant ; c compliant ");
    check_with(
        policy,
        &(struct audit_options){.want_fixes = true, .may_fix = may_fix, .may_fix_arg = exempt},
        "a non_compliant none; b non_compliant steps 1; c compliant none");
    check_with(policy, &(struct audit_options){.want_fixes = true, .only_check = "thing.b"},
               "b non_compliant steps 1");
    check_with(policy, &(struct audit_options){.only_check = "thing.c"}, "c compliant ");
}

/* Only the steps of one check are requested, and they cannot be made yet: the resource is not
 * ready. */
static void is_not_ready_while_steps_are_not(void **state)
{
    const struct audit_options options = {.want_fixes = true, .only_check = "ready.a"};
    const struct audit_options reading = {.only_check = "ready.a"};
    (void)state;
    const struct policy *policy =
        load("ready", "{ a = 1 }", "function() return { later = 60 } end", "nil", "nil");
    json_t *outcome = world_audit(&world, policy, &options);
    assert_string_equal(json_get_string(outcome, "state", ""), "later");
    assert_int_equal(json_get_integer(outcome, "delay", 0), 60);
    assert_int_equal(json_array_size(json_object_get(outcome, "checks")), 0);
    json_decref(outcome);
    check_with(policy, &reading, "a non_compliant ");
}

struct bad_step {
    const char *steps;
    const char *message;
};

#define CALL "call = 'sqs:SetQueueAttributes', with = {}"

static const struct bad_step bad_steps[] = {
    {"7", "steps: must be a list of steps"},
    {"{ 7 }", "steps[1]: must be a step, a table"},
    {"{ x = 1 }", "must be a list of steps, and has \"x\""},
    {"{ {} }", "steps[1].call: nil is not declared in permissions.write"},
    {"{ { call = 'sqs:DeleteQueue', with = {}, irreversible = 'x' } }",
     "sqs:DeleteQueue is not declared in permissions.write"},
    {"{ { call = 'sqs:ListQueues', with = {}, irreversible = 'x' } }", "not declared"},
    {"{ { call = 'SetQueueAttributes', with = {}, irreversible = 'x' } }", "not declared"},
    {"{ { call = 'sqs:SetQueueAttributes', irreversible = 'x' } }", "steps[1].with: must be the"},
    {"{ { " CALL " } }", "must have undo, or say why it is irreversible"},
    {"{ { " CALL ", irreversible = 'x', undo = { " CALL " } } }", "must have undo, or say why"},
    {"{ { " CALL ", irreversible = true } }", "steps[1].irreversible: must say why"},
    {"{ { " CALL ", irreversible = '' } }", "steps[1].irreversible: must say why"},
    {"{ { " CALL ", undo = true } }", "steps[1].undo: must be { call =, with = }"},
    {"{ { " CALL ", undo = { " CALL ", x = 1 } } }", "steps[1].undo.x: no such field"},
    {"{ { " CALL ", undo = { call = 'sqs:DeleteQueue', with = {} } } }",
     "steps[1].undo.call: sqs:DeleteQueue is not declared"},
    {"{ { " CALL ", undo = { call = 'sqs:SetQueueAttributes' } } }", "steps[1].undo.with"},
    {"{ { " CALL ", irreversible = 'x', why = 'y' } }", "steps[1].why: no such field"},
    {"{ { " CALL ", irreversible = 'x', after = 1 } }", "steps[1].after must be a table"},
    {"{ { " CALL ", irreversible = 'x', after = { 1 } } }",
     "steps[1].after: the names of the parts of the state"},
    {"{ { " CALL ", irreversible = 'x', after = { a = { none } } } }", "a[1] is lib.none"},
    {"{ { call = 'sqs:SetQueueAttributes', with = { a = none }, irreversible = 'x' } }",
     "steps[1].with.a is lib.none"},
    {"{ { call = 'sqs:SetQueueAttributes', with = { f = pairs }, irreversible = 'x' } }",
     "steps[1].with.f is a function"},
    {"{ { " CALL ", irreversible = 'x' }, { " CALL ", irreversible = 'x', after = { a = 2 } } }",
     "steps[1].after: of several steps each must say"},
    {"{ { " CALL ", irreversible = 'x', after = { a = 2 } }, { " CALL ", irreversible = 'x' } }",
     "steps[2].after: of several steps each must say"},
    {"{ { " CALL ", undo = { " CALL " } }, { " CALL ", undo = { " CALL " } } }, { a = 2 }",
     "steps[1].after: of several steps each must say"},
    {"{ held = true }", "steps.held: must say why"},
    {"{ later = 'soon' }", "steps.later: must be whole seconds"},
    {"{ later = -1 }", "steps.later: must be whole seconds"},
};

static void refuses_bad_steps(void **state)
{
    const struct audit_options options = {.want_fixes = true};
    (void)state;
    for (size_t i = 0; i < sizeof bad_steps / sizeof *bad_steps; i++) {
        char type[16], fix[400];
        snprintf(type, sizeof type, "bad%zu", i);
        snprintf(fix, sizeof fix, "function() return %s end", bad_steps[i].steps);
        json_t *outcome = world_audit(&world, load(type, "{ a = 1 }", fix, "nil", "nil"), &options);
        const json_t *check = json_array_get(json_object_get(outcome, "checks"), 0);
        const char *message = json_get_string(json_object_get(check, "error"), "message", "");
        if (strcmp(json_get_string(check, "fix", ""), "failed") != 0 ||
            strstr(message, bad_steps[i].message) == NULL || strstr(message, "policies/") == NULL)
            fail_msg("%s: \"%s\" instead of \"%s\"", bad_steps[i].steps, message,
                     bad_steps[i].message);
        assert_null(json_object_get(check, "steps"));
        json_decref(outcome);
    }
}

static void notices_forgotten_steps(void **state)
{
    const struct audit_options options = {.want_fixes = true};
    static const char *const rows[][2] = {
        {"function() return nil end", "\"fix\":\"none\""},
        {"function() local steps = {} end", "returned nothing (return nil if"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *outcome = world_audit(
            &world, load(i == 0 ? "none" : "forgot", "{ a = 1 }", rows[i][0], "nil", "nil"),
            &options);
        char *text = json_text(outcome);
        json_decref(outcome);
        assert_non_null(strstr(text, rows[i][1]));
        mem_free(text);
    }
}

static void gives_steps_as_plain_data(void **state)
{
    const struct audit_options options = {.want_fixes = true};
    (void)state;
    json_t *outcome =
        world_audit(&world,
                    load("plain", "{ a = 1 }",
                         "function() return { { call = 'sqs:SetQueueAttributes',\n"
                         "with = { QueueUrl = 'q', Attributes = { b = '1', a = '2' } },\n"
                         "undo = { call = 'sqs:SetQueueAttributes', with = {} } } } end",
                         "nil", "nil"),
                    &options);
    const json_t *check = json_array_get(json_object_get(outcome, "checks"), 0);
    char *text = json_text(json_object_get(check, "steps"));
    assert_string_equal(
        text, "[{\"call\":\"sqs:SetQueueAttributes\",\"with\":{\"Attributes\":{\"a\":\"2\""
              ",\"b\":\"1\"},\"QueueUrl\":\"q\"},\"undo\":{\"call\":"
              "\"sqs:SetQueueAttributes\",\"with\":{}}}]");
    mem_free(text);
    json_decref(outcome);
}

/* What is expected of each part after each step, and which parts exist then. */
static void check_foretold(const json_t *step, const json_t *digests, const char *same,
                           const char *other, const char *gone)
{
    const json_t *expected = json_object_get(step, "expected");
    assert_non_null(expected);
    if (same != NULL)
        assert_string_equal(json_get_string(digests, same, "?"),
                            json_get_string(expected, same, ""));
    if (other != NULL)
        assert_string_not_equal(json_get_string(digests, other, ""),
                                json_get_string(expected, other, ""));
    if (gone != NULL)
        assert_null(json_object_get(expected, gone));
}

static const json_t *fix_of(const json_t *outcome, size_t check)
{
    return json_object_get(json_array_get(json_object_get(outcome, "checks"), check), "steps");
}

static json_t *fixed(const char *type, const char *state, const char *a, const char *b)
{
    const struct audit_options options = {.want_fixes = true};
    return world_audit(&world, load(type, state, a, b, "nil"), &options);
}

static void predicts_each_part(void **state)
{
    (void)state;
    json_t *outcome = fixed("after", "{ a = 1, b = 1, x = { 1 }, y = true }",
                            "function() return { step 'a' }, { a = none, y = false } end",
                            "function(_, s) assert(s.y == false and not s.a and s.x[1] == 1)\n"
                            "return { step 'b' }, { b = none, x = { 2 } } end");
    const json_t *digests = json_object_get(outcome, "digests");
    assert_int_equal(json_object_size(digests), 4);
    check_foretold(json_array_get(fix_of(outcome, 0), 0), digests, "x", "y", "a");
    check_foretold(json_array_get(fix_of(outcome, 1), 0), digests, NULL, "x", "a");
    check_foretold(json_array_get(fix_of(outcome, 1), 0), digests, NULL, "y", "b");
    json_decref(outcome);
}

/* Of several steps, each gives the state after it. */
static void predicts_the_state_after_each_step(void **state)
{
    (void)state;
    json_t *outcome = fixed("steps", "{ a = 1, b = 1, x = 1, y = 1 }",
                            "function() local one, two = step 'a', step 'a'\n"
                            "one.after, two.after = { x = 2 }, { y = none, a = none }\n"
                            "return { one, two } end",
                            "function(_, s) assert(s.x == 2 and not s.y) return { step 'b' } end");
    const json_t *digests = json_object_get(outcome, "digests"), *steps = fix_of(outcome, 0);
    check_foretold(json_array_get(steps, 0), digests, "y", "x", NULL);
    check_foretold(json_array_get(steps, 1), digests, "b", "x", "y");
    assert_null(json_object_get(json_array_get(steps, 1), "after"));
    assert_null(json_object_get(json_array_get(fix_of(outcome, 1), 0), "expected"));
    json_decref(outcome);
    /* nothing is digested if nothing will be verified */
    const struct audit_options options = {.want_fixes = true, .no_digest = true};
    outcome =
        world_audit(&world, load("undigested", "{ a = 1 }", "fixes 'a'", "nil", "nil"), &options);
    assert_null(json_object_get(outcome, "digests"));
    assert_null(json_object_get(json_array_get(fix_of(outcome, 0), 0), "expected"));
    json_decref(outcome);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(builds_fixes_on_after, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(builds_on_nothing_that_is_held, world_set_up,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(runs_only_the_selected_fixes, world_set_up,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(is_not_ready_while_steps_are_not, world_set_up,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(refuses_bad_steps, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(notices_forgotten_steps, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(gives_steps_as_plain_data, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(predicts_each_part, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(predicts_the_state_after_each_step, world_set_up,
                                        world_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
