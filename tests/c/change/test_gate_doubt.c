/* The gate: a step without a response may have been made. It is not sent again; reading back
 * decides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/mem.h"
#include "support/full_disk.h"
#include "support/run_world.h"
#include "value/json.h"

#define DAYS_S 86400
#define STEP(policy, expected)                                                                     \
    "{\"call\":\"sqs:SetQueueAttributes\",\"with\":{\"QueueUrl\":\"" RUN_WORLD_ID                  \
    "\",\"Attributes\":{\"Policy\":\"" policy                                                      \
    "\"}},\"undo\":{\"call\":\"sqs:SetQueueAttributes\",\"with\":{\"QueueUrl\":\"" RUN_WORLD_ID    \
    "\",\"Attributes\":{\"Policy\":\"x\"}}},\"expected\":{\"policy\":\"" expected "\"}}"
#define BAD(evidence, steps)                                                                       \
    "{\"id\":\"sqs.public\",\"status\":\"non_compliant\",\"summary\":\"open\",\"evidence\":"       \
    "\"" evidence "\",\"fix\":\"steps\",\"steps\":[" steps "]}," RUN_WORLD_GOOD("sqs.shared")
#define TWO_STEPS STEP("half", "dm") "," STEP("", "d2")
#define GOOD_STATE(digest)                                                                         \
    RUN_WORLD_OK(digest, RUN_WORLD_GOOD("sqs.public") "," RUN_WORLD_GOOD("sqs.shared"))

static struct fake_answer first, later;
static size_t turn; /* the request to which `first` responds */

static void silence(enum log_level level, const char *line)
{
    (void)level, (void)line;
}

static struct fake_answer copy_of(const struct fake_answer *answer)
{
    struct fake_answer copy = *answer;
    copy.body = mem_strdup(answer->body);
    return copy;
}

static struct fake_answer answer_in_turn(const struct fake_request *request, size_t index)
{
    (void)request;
    return copy_of(index == turn ? &first : &later);
}

static int set_up(void **state)
{
    static char empty[] = "{}";
    log_set_sink(silence);
    run_world_set_up(state);
    run_world.settings.verify_s = 60 * DAYS_S;
    fake_aws.answer = answer_in_turn;
    turn = 0;
    later = (struct fake_answer){.status = 200, .body = empty};
    return 0;
}

static int tear_down(void **state)
{
    log_set_sink(NULL);
    return run_world_tear_down(state);
}

static void lose_first_answer(void)
{
    first = (struct fake_answer){.status = 1, .failure = ERR_NET};
}

/* The state, twice as it was found, then as it is read back. */
static void repair(const char *steps, const char *const *seen)
{
    char *found = mem_printf(RUN_WORLD_OK("d1", BAD("e", "%s")), steps);
    run_world_answer(found);
    run_world_answer(found);
    mem_free(found);
    for (; *seen != NULL; seen++)
        run_world_answer(*seen);
    run_world_run(RUN_CHANGE, "");
}

static void says(const char *remediation, size_t calls)
{
    assert_string_equal(run_world_says("sqs.public", "remediation"), remediation);
    assert_int_equal(fake_aws.count, calls);
}

static const json_t *error_of_finding(void)
{
    return json_object_get(json_array_get(run_world.findings, 0), "error");
}

/* The line of the journal that has the state (the last one), as undo would see the fix. */
static json_t *fixes(void)
{
    struct err err = {0};
    struct journal *journal = journal_new(run_world.journal);
    assert_int_equal(journal_open_to_undo(journal, &err), 0);
    json_t *found = journal_fixes(journal, &err);
    journal_free(journal);
    return found;
}

static void a_reset_after_the_change_is_fixed(void **state)
{
    static const char *const seen[] = {RUN_WORLD_OK("d1", BAD("e", STEP("", "d2"))),
                                       GOOD_STATE("d2"), NULL};
    (void)state;
    lose_first_answer();
    repair(STEP("", "d2"), seen);
    says("fixed", 1);
    assert_int_equal(run_world.status, 0);
    assert_string_equal(json_string_value(json_array_get(run_world.parts, 0)), "policy");
}

static void a_server_error_after_the_change_is_fixed(void **state)
{
    static char fault[] = "{\"__type\":\"InternalFailure\"}", page[] = "<html>bad gateway";
    static const char *const seen[] = {GOOD_STATE("d3"), NULL};
    (void)state;
    first = (struct fake_answer){.status = 500, .body = fault};
    repair(STEP("", "d2"), seen);
    says("fixed", 1);
    first = (struct fake_answer){.status = 200, .body = page};
    turn = fake_aws.count;
    json_array_clear(run_world.outcomes);
    repair(STEP("", "d2"), seen);
    says("fixed", 2);
}

/* undo ignores a refused step, so an unreadable response must not count as a refusal. */
static void a_response_beyond_its_maximum_is_fixed(void **state)
{
    static const char *const seen[] = {RUN_WORLD_OK("d1", BAD("e", STEP("", "d2"))),
                                       GOOD_STATE("d2"), NULL};
    (void)state;
    first = (struct fake_answer){.status = 1, .failure = ERR_LIMIT};
    repair(STEP("", "d2"), seen);
    says("fixed", 1);
    json_t *found = fixes();
    assert_int_equal(json_array_size(found), 1);
    json_decref(found);
}

static void a_change_that_does_not_show_is_failed(void **state)
{
    static const char *const seen[] = {RUN_WORLD_OK("d1", BAD("e", STEP("", "d2"))), NULL};
    (void)state;
    lose_first_answer();
    repair(STEP("", "d2"), seen);
    says("failed", 1);
    assert_true(run_world.audits > 10);
    const char *message = json_get_string(error_of_finding(), "message", "");
    assert_non_null(strstr(message, "its effect is not visible"));
    assert_non_null(strstr(message, "the line is dead"));
    json_t *found = fixes();
    assert_int_equal(json_array_size(found), 1);
    json_decref(found);
}

static void what_was_refused_was_not_made(void **state)
{
    static char refusal[] = "{\"__type\":\"AccessDenied\",\"message\":\"no\"}";
    static const char *const seen[] = {RUN_WORLD_OK("d1", BAD("e", STEP("", "d2"))), NULL};
    (void)state;
    first = (struct fake_answer){.status = 403, .body = refusal};
    repair(STEP("", "d2"), seen);
    says("failed", 1);
    assert_string_equal(json_get_string(error_of_finding(), "code", ""), "AccessDenied");
    assert_int_equal(run_world.audits, 3);
    json_t *found = fixes();
    assert_int_equal(json_array_size(found), 0);
    json_decref(found);
}

static void continues_if_the_step_is_proven(void **state)
{
    static const char *const seen[] = {RUN_WORLD_OK("d1", BAD("e", TWO_STEPS)),
                                       RUN_WORLD_OK("dm", BAD("e", STEP("", "d2"))),
                                       GOOD_STATE("d2"), NULL};
    (void)state;
    lose_first_answer();
    repair(TWO_STEPS, seen);
    says("fixed", 2);
    json_t *found = fixes();
    const json_t *steps = json_object_get(json_array_get(found, 0), "steps");
    assert_true(json_get_bool(json_array_get(steps, 0), "done", false));
    assert_true(json_get_bool(json_array_get(steps, 1), "done", false));
    json_decref(found);
}

static void stops_if_the_step_is_not_proven(void **state)
{
    static const char *const seen[] = {RUN_WORLD_OK("d1", BAD("e", TWO_STEPS)), NULL};
    (void)state;
    lose_first_answer();
    repair(TWO_STEPS, seen);
    says("failed", 1);
}

/* A call that was made stays in the finding, also if the resource has vanished since. */
static void what_was_made_before_the_end_is_reported(void **state)
{
    static char refusal[] = "{\"__type\":\"QueueDoesNotExist\",\"message\":\"no\"}";
    static const char *const seen[] = {"{\"state\":\"gone\",\"checks\":[]}", NULL};
    (void)state;
    turn = 1;
    first = (struct fake_answer){.status = 400, .body = refusal};
    repair(TWO_STEPS, seen);
    says("none", 2);
    const json_t *finding = json_array_get(run_world.findings, 0);
    assert_string_equal(json_get_string(finding, "status", ""), "gone");
    assert_string_equal(json_get_string(finding, "summary", ""),
                        "the resource no longer exists; 1 of the 2 calls was made before");
    assert_int_equal(json_array_size(json_object_get(finding, "steps")), 1);
    turn = fake_aws.count;
    json_array_clear(run_world.outcomes);
    repair(TWO_STEPS, seen);
    says("none", 3);
    assert_null(json_object_get(json_array_get(run_world.findings, 0), "steps"));
}

/* The limit counts what was sent, however often it was verified. */
static void counts_what_was_sent(void **state)
{
    static const char *const seen[] = {RUN_WORLD_OK("dm", BAD("e", STEP("", "d2"))),
                                       GOOD_STATE("d2"), NULL};
    (void)state;
    run_world.settings.max_changes = 2;
    lose_first_answer();
    repair(TWO_STEPS, seen);
    says("fixed", 2);
}

/* ---- a disk that is full ---- */

static void what_the_journal_cannot_record_is_not_called(void **state)
{
    static const char *const seen[] = {RUN_WORLD_OK("d1", BAD("e", STEP("", "d2"))), NULL};
    struct err err = {0};
    (void)state;
    struct journal *other = journal_new(run_world.journal); /* holds the lock */
    assert_int_equal(journal_open(other, &err), 0);
    repair(STEP("", "d2"), seen);
    says("failed", 0);
    assert_non_null(strstr(json_get_string(error_of_finding(), "message", ""), "another engine"));
    journal_free(other);
}

static int errors; /* about the resource */
static int most;   /* then there is space again: the report is a file, too */

static void count_errors(enum log_level level, const char *line)
{
    assert_int_equal(level, LOG_ERROR);
    assert_non_null(strstr(line, run_world.journal));
    assert_string_equal(log_current_subject()->id, RUN_WORLD_ID);
    if (++errors == most)
        full_disk_end();
}

static struct fake_answer fill_disk(const struct fake_request *request, size_t index)
{
    full_disk_begin(run_world.journal);
    return answer_in_turn(request, index);
}

static void expect_errors(int count)
{
    errors = 0;
    most = count;
    turn = fake_aws.count + 1; /* never */
    fake_aws.answer = fill_disk;
    log_set_sink(count_errors);
}

/* The call has been made: what the journal lacks is in the log, with the resource. */
static void a_disk_that_fills_up_is_in_the_log(void **state)
{
    static const char *const seen[] = {GOOD_STATE("d2"), NULL};
    (void)state;
    expect_errors(2); /* the response, and the end */
    repair(STEP("", "d2"), seen);
    says("fixed", 1);
    assert_int_equal(errors, 2);
}

static void a_disk_that_fills_up_during_undo_is_in_the_log(void **state)
{
    static const char *const seen[] = {GOOD_STATE("d2"), GOOD_STATE("d2"),
                                       RUN_WORLD_OK("d1", BAD("e", STEP("", "d2"))), NULL};
    (void)state;
    turn = 1; /* never */
    repair(STEP("", "d2"), seen);
    expect_errors(3); /* the response, the end, and that it is undone */
    json_t *results = run_world_undo();
    const char *result = json_get_string(json_array_get(results, 0), "result", "");
    assert_string_equal(result, "undone");
    assert_int_equal(errors, 3);
    json_decref(results);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_reset_after_the_change_is_fixed),
        TEST(a_server_error_after_the_change_is_fixed),
        TEST(a_response_beyond_its_maximum_is_fixed),
        TEST(a_change_that_does_not_show_is_failed),
        TEST(what_was_refused_was_not_made),
        TEST(continues_if_the_step_is_proven),
        TEST(stops_if_the_step_is_not_proven),
        TEST(what_was_made_before_the_end_is_reported),
        TEST(counts_what_was_sent),
        TEST(what_the_journal_cannot_record_is_not_called),
        TEST(a_disk_that_fills_up_is_in_the_log),
        TEST(a_disk_that_fills_up_during_undo_is_in_the_log),
    };
    mem_install();
    return cmocka_run_group_tests_name("doubt", tests, NULL, NULL);
}
