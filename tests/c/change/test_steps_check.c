/* Steps and inverses are checked against the API models when they are planned, and again before
 * they are made: the error names the check, the step and the parameter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/mem.h"
#include "support/run_world.h"
#include "value/json.h"

#define GOOD_WITH "{\"QueueUrl\":\"" RUN_WORLD_ID "\",\"Attributes\":{\"Policy\":\"\"}}"
#define CALL(with) "\"call\":\"sqs:SetQueueAttributes\",\"with\":" with
#define STEP(with, back) "{" CALL(with) ",\"undo\":{" back "}}"
#define PLANNED(steps)                                                                             \
    RUN_WORLD_OK("d1", "{\"id\":\"sqs.public\",\"status\":\"non_compliant\",\"summary\":\"open\"," \
                       "\"evidence\":1,\"fix\":\"steps\",\"steps\":[" steps "]}")

static void silence(enum log_level level, const char *line)
{
    (void)level, (void)line;
}

static int set_up(void **state)
{
    log_set_sink(silence);
    return run_world_set_up(state);
}

static int tear_down(void **state)
{
    log_set_sink(NULL);
    return run_world_tear_down(state);
}

static const char *message_of_finding(void)
{
    const json_t *finding = json_array_get(run_world.findings, 0);
    return json_get_string(json_object_get(finding, "error"), "message", "");
}

static void says(const char *outcome, const char *message)
{
    json_array_clear(run_world.outcomes);
    run_world_answer(outcome);
    run_world.settings.steps = true;
    for (enum run_mode mode = RUN_AUDIT; mode <= RUN_CHANGE; mode++) {
        run_world_run(mode, "");
        assert_string_equal(run_world_says("sqs.public", "remediation"), "failed");
        if (strcmp(message_of_finding(), message) != 0)
            fail_msg("%s", message_of_finding());
        assert_null(json_object_get(json_array_get(run_world.findings, 0), "steps"));
        assert_int_equal(run_world.status, 1);
        assert_int_equal(fake_aws.count, 0);
    }
}

static void a_step_has_the_parameters_of_its_call(void **state)
{
    (void)state;
    says(PLANNED(STEP("{\"QueueUrl\":\"q\",\"Attributs\":{}}", CALL(GOOD_WITH))),
         "sqs.public: steps[1].with: sqs:SetQueueAttributes: Attributs: unknown parameter, did you "
         "mean \"Attributes\"?");
    says(PLANNED(STEP("{\"Attributes\":{\"Policy\":\"\"}}", CALL(GOOD_WITH))),
         "sqs.public: steps[1].with: sqs:SetQueueAttributes: QueueUrl: required, but missing");
    says(PLANNED(STEP("{\"QueueUrl\":\"q\",\"Attributes\":{\"Policy\":null}}", CALL(GOOD_WITH))),
         "sqs.public: steps[1].with: sqs:SetQueueAttributes: Attributes.Policy: expected a string, "
         "got null");
    says(PLANNED(STEP("{\"QueueUrl\":\"q\",\"Attributes\":{\"Policy\":true}}", CALL(GOOD_WITH))),
         "sqs.public: steps[1].with: sqs:SetQueueAttributes: Attributes.Policy: expected a string, "
         "got a boolean");
    says(PLANNED(STEP("{\"QueueUrl\":\"q\",\"Attributes\":{\"Polcy\":\"\"}}", CALL(GOOD_WITH))),
         "sqs.public: steps[1].with: sqs:SetQueueAttributes: Attributes.Polcy: none of the values "
         "that the API model lists, did you mean \"Policy\"?");
}

/* A key whose value is nil does not exist, so only what is missing shows it. */
static void a_map_that_lost_its_keys_is_reported(void **state)
{
    (void)state;
    says(PLANNED(STEP("{\"QueueUrl\":\"q\",\"Attributes\":{}}", CALL(GOOD_WITH))),
         "sqs.public: steps[1].with: sqs:SetQueueAttributes: Attributes: required, but empty; was "
         "the value of a key nil?");
    says(PLANNED(STEP(GOOD_WITH, CALL("{\"QueueUrl\":\"q\",\"Attributes\":[]}"))),
         "sqs.public: steps[1].undo.with: sqs:SetQueueAttributes: Attributes: required, but empty; "
         "was the value of a key nil?");
}

static void an_inverse_has_the_parameters_of_its_call(void **state)
{
    (void)state;
    says(PLANNED(STEP(GOOD_WITH, CALL("{\"QueueURL\":\"q\",\"Attributes\":{}}"))),
         "sqs.public: steps[1].undo.with: sqs:SetQueueAttributes: QueueURL: unknown parameter, did "
         "you mean \"QueueUrl\"?");
    says(PLANNED(STEP(GOOD_WITH, CALL(GOOD_WITH)) "," STEP(GOOD_WITH, CALL("{}"))),
         "sqs.public: steps[2].undo.with: sqs:SetQueueAttributes: QueueUrl: required, but missing");
    says(PLANNED(STEP(GOOD_WITH,
                      "\"call\":\"ec2:ModifyImageAttribute\",\"with\":{\"ImageId\":\"ami-1\","
                      "\"OperationType\":\"ad\"}")),
         "sqs.public: steps[1].undo.with: ec2:ModifyImageAttribute: OperationType: none of the "
         "values that the API model lists, did you mean \"add\"?");
    says(PLANNED(STEP(GOOD_WITH, CALL("{\"QueueUrl\":7,\"Attributes\":{}}"))),
         "sqs.public: steps[1].undo.with: sqs:SetQueueAttributes: QueueUrl: expected a string, got "
         "an integer");
}

static void a_call_that_does_not_exist_is_reported(void **state)
{
    (void)state;
    says(PLANNED("{\"call\":\"nonsense\",\"with\":{},\"irreversible\":\"why\"}"),
         "sqs.public: steps[1].with: nonsense: \"nonsense\" is not a call: write "
         "service:Operation");
    json_array_clear(run_world.outcomes);
    run_world_answer(PLANNED(STEP(GOOD_WITH, "\"call\":\"sqs:SetQueueAttribute\",\"with\":{}")));
    run_world_run(RUN_PLAN, "");
    assert_non_null(strstr(message_of_finding(), "did you mean \"SetQueueAttributes\""));
}

/* Steps that are chosen at the fresh read are checked, too. */
static void what_was_not_planned_is_checked_before_it_is_made(void **state)
{
    (void)state;
    run_world_answer(RUN_WORLD_OK(
        "d1", "{\"id\":\"sqs.public\",\"status\":\"non_compliant\",\"summary\":\"open\","
              "\"evidence\":1,\"fix\":\"waits\"}"));
    run_world_answer(PLANNED(STEP(GOOD_WITH, CALL("{\"QueueUrl\":7}"))));
    run_world_run(RUN_CHANGE, "");
    assert_string_equal(run_world_says("sqs.public", "remediation"), "failed");
    assert_non_null(strstr(message_of_finding(), "steps[1].undo.with"));
    assert_int_equal(fake_aws.count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_step_has_the_parameters_of_its_call),
        TEST(a_map_that_lost_its_keys_is_reported),
        TEST(an_inverse_has_the_parameters_of_its_call),
        TEST(a_call_that_does_not_exist_is_reported),
        TEST(what_was_not_planned_is_checked_before_it_is_made),
    };
    mem_install();
    return cmocka_run_group_tests_name("steps_check", tests, NULL, NULL);
}
