/* Undo: an inverse is made only if it belongs to its fix, and if the resource is ready. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "support/run_world.h"
#include "value/json.h"

#define TWO_BAD RUN_WORLD_BAD("sqs.public", "e") "," RUN_WORLD_GOOD("sqs.shared")
#define DAYS_S 86400

static void silence(enum log_level level, const char *line)
{
    (void)level, (void)line;
}

static int set_up(void **state)
{
    log_set_sink(silence);
    run_world_set_up(state);
    run_world.settings.verify_s = 60 * DAYS_S;
    return 0;
}

static int tear_down(void **state)
{
    log_set_sink(NULL);
    return run_world_tear_down(state);
}

/* ---- beginning with the step whose state is found ---- */

#define BEGIN(fix, more)                                                                           \
    "{\"fix\":\"" fix "\",\"state\":\"begin\",\"account\":\"111122223333\",\"region\":"            \
    "\"us-east-1\",\"type\":\"sqs\",\"id\":\"" RUN_WORLD_ID "\",\"check\":\"sqs.public\"," more    \
    "}"
#define STEP(number, way_back, expected)                                                           \
    "{\"fix\":\"F\",\"state\":\"step\",\"step\":" number ",\"call\":\"sqs:SetQueueAttributes\","   \
    "\"with\":{\"QueueUrl\":\"" RUN_WORLD_ID "\"}," way_back                                       \
    ",\"expected\":{\"policy\":\"" expected "\"},\"time\":\"%s\"}"
#define BACK_TO(policy)                                                                            \
    "\"undo\":{\"call\":\"sqs:SetQueueAttributes\",\"with\":{\"QueueUrl\":\"" RUN_WORLD_ID         \
    "\",\"Attributes\":{\"Policy\":\"" policy "\"}}}"
#define DONE(number) "{\"fix\":\"F\",\"state\":\"done\",\"step\":" number "}"
#define END(result, after)                                                                         \
    "{\"fix\":\"F\",\"state\":\"end\",\"result\":\"" result "\",\"after\":{\"policy\":\"" after    \
    "\"}}"
/* Two steps; the engine was killed before the second one was answered. */
#define BEFORE BEGIN("F", "\"before\":{\"policy\":\"d1\"}")
#define ONE_STEP BEFORE, STEP("0", BACK_TO("first"), "dm"), DONE("0")
#define TWO_STEPS ONE_STEP, STEP("1", BACK_TO("second"), "d2")

static void journal_holds(const char *const *lines)
{
    struct err err = {0};
    char now[CLOCK_TEXT];
    struct journal *journal = journal_new(run_world.journal);
    clock_rfc3339(clock_wall_ms(), now);
    for (; *lines != NULL; lines++) {
        char *text = mem_strdup(*lines);
        char *time = strstr(text, "%s");
        if (time != NULL) {
            *time = '\0';
            char *whole = mem_printf("%s%s%s", text, now, time + 2);
            mem_free(text);
            text = whole;
        }
        json_t *line = json_loads(text, 0, NULL);
        assert_non_null(line);
        assert_int_equal(journal_write(journal, line, &err), 0);
        mem_free(text);
    }
    journal_free(journal);
}

/* The states that are read, one after the other; the last one is repeated. */
static void states_are(const char *const *digests)
{
    json_array_clear(run_world.outcomes);
    for (; *digests != NULL; digests++) {
        char *text = strcmp(*digests, "later") == 0
                         ? mem_strdup(RUN_WORLD_LATER("60"))
                         : mem_printf(RUN_WORLD_OK("%s", TWO_BAD), *digests);
        run_world_answer(text);
        mem_free(text);
    }
}

/* The policies that the calls of undo set, in order. */
static void assert_calls(const char *policies)
{
    char found[256] = "";
    for (size_t i = 0; i < fake_aws.count; i++) {
        const json_t *attributes = json_object_get(fake_aws.requests[i].json, "Attributes");
        strcat(found, json_get_string(attributes, "Policy", "?"));
        strcat(found, " ");
    }
    assert_string_equal(found, policies);
}

static void undo_says(const char *result, const char *why)
{
    json_t *results = run_world_undo();
    const json_t *first = json_array_get(results, 0);
    assert_int_equal(json_array_size(results), 1);
    assert_string_equal(json_get_string(first, "result", ""), result);
    if (strstr(json_get_string(first, "why", ""), why) == NULL)
        fail_msg("%s", json_get_string(first, "why", ""));
    json_decref(results);
}

#define LINES(...) journal_holds((const char *const[]){__VA_ARGS__, NULL})
#define STATES(...) states_are((const char *const[]){__VA_ARGS__, NULL})

static void undoes_all_steps(void **state)
{
    (void)state;
    LINES(TWO_STEPS);
    STATES("d2", "d1");
    undo_says("undone", "");
    assert_calls("second first ");
    assert_string_equal(json_string_value(json_array_get(run_world.parts, 0)), "policy");
    json_t *results = run_world_undo(); /* and it is marked */
    assert_int_equal(json_array_size(results), 0);
    json_decref(results);
}

static struct fake_answer show_first_state(const struct fake_request *request, size_t index)
{
    (void)request, (void)index;
    STATES("d1");
    return fake_reply(200, "{}");
}

static void undoes_from_between_the_steps(void **state)
{
    (void)state;
    LINES(TWO_STEPS);
    STATES("dm");
    fake_aws.answer = show_first_state;
    undo_says("undone", "");
    assert_calls("first ");
    assert_true(run_world.audits > 3);
}

static void an_unanswered_call_may_still_arrive(void **state)
{
    (void)state;
    LINES(TWO_STEPS);
    STATES("dm", "d2", "d1");
    undo_says("undone", "");
    assert_calls("second first ");
}

static void needs_no_call_if_nothing_was_changed(void **state)
{
    (void)state;
    LINES(BEFORE, STEP("0", BACK_TO("first"), "dm"));
    STATES("d1");
    undo_says("undone", "no call was needed");
    assert_calls("");
    assert_true(run_world.audits > 3);
}

static void waits_for_what_is_in_transition(void **state)
{
    (void)state;
    LINES(TWO_STEPS, DONE("1"), END("fixed", "d2"));
    STATES("later", "dx", "later", "d2", "d1");
    undo_says("undone", "");
    assert_calls("second first ");
}

static void does_not_undo_what_is_not_ready(void **state)
{
    (void)state;
    LINES(TWO_STEPS);
    STATES("later");
    undo_says("held", "the resource is not ready yet");
    assert_calls("");
}

static void holds_an_unexpected_state(void **state)
{
    (void)state;
    LINES(TWO_STEPS);
    STATES("dx");
    undo_says("held", "nor one that its calls lead to; changed since then: policy");
    assert_calls("");
    assert_true(run_world.audits > 3);
}

#define UNREAD                                                                                     \
    "{\"state\":\"ok\",\"digests\":{},\"unread\":[{\"part\":\"policy\",\"error\":{"                \
    "\"message\":\"no access\"}}],\"tags\":{},\"checks\":[" TWO_BAD "]}"

/* The fix created the part, or removed it: that the part cannot be read means neither. */
static void holds_if_a_part_cannot_be_read(void **state)
{
    (void)state;
    LINES(BEGIN("F", "\"before\":{}"), STEP("0", BACK_TO("first"), "d2"));
    run_world_answer(UNREAD);
    undo_says("held", "the part policy of the state cannot be read: no access");
    LINES(DONE("0"), END("fixed", "d2"));
    undo_says("held", "the part policy of the state cannot be read: no access");
    assert_calls("");
}

/* Nor does it show that the call had its effect. */
static void is_not_undone_if_a_part_cannot_be_read(void **state)
{
    (void)state;
    LINES(BEGIN("F", "\"before\":{}"), STEP("0", BACK_TO("first"), "d2"), DONE("0"),
          END("fixed", "d2"));
    STATES("d2");
    run_world_answer(UNREAD);
    undo_says("failed", "the inverse calls were made");
    assert_calls("first ");
}

/* If a policy predicted another state, the state that was read at the end counts. */
static void trusts_the_state_read_at_the_end(void **state)
{
    (void)state;
    LINES(TWO_STEPS, DONE("1"), END("fixed", "d3"));
    STATES("d3", "d1");
    undo_says("undone", "");
    assert_calls("second first ");
}

static void undoes_what_can_be_undone(void **state)
{
    (void)state;
    LINES(BEFORE, STEP("0", "\"irreversible\":\"it is gone\"", "dm"), DONE("0"),
          STEP("1", BACK_TO("second"), "d2"), DONE("1"));
    STATES("d2", "dm");
    undo_says("held", "except for the first 1 of 2 calls, which cannot be undone: it is gone");
    assert_calls("second ");
    STATES("dm");
    undo_says("held", "cannot be undone: it is gone");
    assert_calls("second ");
}

static void says_that_it_cannot_be_undone(void **state)
{
    (void)state;
    LINES(BEFORE, STEP("0", "\"irreversible\":\"it is gone\"", "dm"), DONE("0"));
    STATES("dx");
    undo_says("held", "cannot be undone: it is gone");
    run_world_answer("{\"state\":\"gone\",\"checks\":[]}");
    json_array_remove(run_world.outcomes, 0);
    undo_says("held", "cannot be undone: it is gone");
    assert_calls("");
}

static void an_effect_that_is_still_to_come_is_not_undone(void **state)
{
    (void)state;
    LINES(ONE_STEP, END("pending", "d1"));
    STATES("d1");
    undo_says("held", "is not visible yet");
}

static struct fake_answer lose(const struct fake_request *request, size_t index)
{
    (void)request, (void)index;
    return (struct fake_answer){.status = 1, .failure = ERR_NET};
}

static void makes_no_call_twice(void **state)
{
    (void)state;
    LINES(TWO_STEPS, DONE("1"), END("fixed", "d2"));
    fake_aws.answer = lose;
    STATES("d2", "d2", "dm", "dm", "d1");
    undo_says("undone", "");
    assert_calls("second first ");
}

static struct fake_answer be_busy_twice(const struct fake_request *request, size_t index)
{
    (void)request;
    return index < 2 ? fake_reply(400, "{\"__type\":\"IncorrectInstanceState\"}")
                     : show_first_state(request, index);
}

/* EC2 starts no instance that is still stopping (API reference, StartInstances). */
static void waits_until_the_call_is_accepted(void **state)
{
    (void)state;
    LINES(ONE_STEP, END("fixed", "dm"));
    STATES("dm");
    fake_aws.answer = be_busy_twice;
    undo_says("undone", "");
    assert_calls("first first first ");
}

static void fails_if_nothing_shows(void **state)
{
    (void)state;
    LINES(TWO_STEPS, DONE("1"), END("fixed", "d2"));
    fake_aws.answer = lose;
    STATES("d2");
    undo_says("failed", "the line is dead");
    assert_calls("second ");
}

/* Undo itself was killed before it got its response. */
static void continues_an_undo_that_was_cut_short(void **state)
{
    (void)state;
    LINES(TWO_STEPS, DONE("1"), END("fixed", "d2"),
          BEGIN("U", "\"undoes\":\"F\",\"before\":{\"policy\":\"d2\"}"),
          "{\"fix\":\"U\",\"state\":\"step\",\"step\":0,\"expected\":{\"policy\":\"dm\"},\"time\":"
          "\"%s\"}");
    STATES("d2", "d2", "dm", "d1");
    undo_says("undone", "");
    assert_calls("first ");
}

static void does_not_undo_by_an_undeclared_call(void **state)
{
    (void)state;
    LINES(BEFORE, STEP("0",
                       "\"undo\":{\"call\":\"sqs:DeleteQueue\",\"with\":{\"QueueUrl\":"
                       "\"" RUN_WORLD_ID "\"}}",
                       "d2"));
    STATES("d2");
    undo_says("held", "sqs:DeleteQueue, which policies/sqs.lua does not declare");
    assert_calls("");
}

static void does_not_undo_in_another_resource(void **state)
{
    (void)state;
    LINES(BEFORE, STEP("0",
                       "\"undo\":{\"call\":\"sqs:SetQueueAttributes\",\"with\":{\"QueueUrl\":"
                       "\"" RUN_WORLD_ID "-other\"}}",
                       "d2"));
    STATES("d2");
    undo_says("held", "does not name this resource");
    assert_calls("");
}

static void does_not_undo_without_a_name(void **state)
{
    (void)state;
    LINES(BEFORE, STEP("0", "\"undo\":{\"call\":\"sqs:SetQueueAttributes\",\"with\":{}}", "d2"));
    STATES("d2");
    undo_says("held", "does not name this resource");
    assert_calls("");
}

static void holds_what_an_older_journal_says(void **state)
{
    (void)state;
    LINES(BEGIN("F", "\"before\":\"d1\""), STEP("0", BACK_TO("first"), "dm"), DONE("0"));
    STATES("dm");
    undo_says("held", "an older engine");
    assert_calls("");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(undoes_all_steps),
        TEST(undoes_from_between_the_steps),
        TEST(an_unanswered_call_may_still_arrive),
        TEST(needs_no_call_if_nothing_was_changed),
        TEST(waits_for_what_is_in_transition),
        TEST(does_not_undo_what_is_not_ready),
        TEST(holds_an_unexpected_state),
        TEST(holds_if_a_part_cannot_be_read),
        TEST(is_not_undone_if_a_part_cannot_be_read),
        TEST(trusts_the_state_read_at_the_end),
        TEST(undoes_what_can_be_undone),
        TEST(says_that_it_cannot_be_undone),
        TEST(an_effect_that_is_still_to_come_is_not_undone),
        TEST(makes_no_call_twice),
        TEST(waits_until_the_call_is_accepted),
        TEST(fails_if_nothing_shows),
        TEST(continues_an_undo_that_was_cut_short),
        TEST(does_not_undo_by_an_undeclared_call),
        TEST(does_not_undo_in_another_resource),
        TEST(does_not_undo_without_a_name),
        TEST(holds_what_an_older_journal_says),
    };
    mem_install();
    return cmocka_run_group_tests_name("undo", tests, NULL, NULL);
}
