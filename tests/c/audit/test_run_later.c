/* Resources that are not ready: the run waits, or requeues the line, and the findings say which. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "audit/run_report.h"
#include "base/log.h"
#include "base/mem.h"
#include "support/run_world.h"
#include "value/json.h"

#define QUEUE "https://sqs.us-east-1.amazonaws.com/111122223333/later"

static char queue_url[] = QUEUE;

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

static const json_t *sent_entry(void)
{
    assert_int_equal(fake_aws.count, 1);
    assert_non_null(strstr(fake_aws.requests[0].target, "SendMessageBatch"));
    return json_array_get(json_object_get(fake_aws.requests[0].json, "Entries"), 0);
}

static void assert_pending(const char *remediation, const char *error)
{
    const json_t *first = json_array_get(run_world.findings, 0);
    const json_t *found = json_object_get(first, "error");
    assert_int_equal(json_array_size(run_world.findings), 2);
    assert_int_equal(run_world.status, 1);
    assert_string_equal(run_world_says("sqs.public", "status"), "pending");
    assert_string_equal(run_world_says("sqs.shared", "remediation"), remediation);
    if (strstr(json_get_string(found, "message", ""), error) == NULL)
        fail_msg("%s", json_get_string(found, "message", "no error"));
}

static void is_pending_if_the_run_does_not_wait(void **state)
{
    (void)state;
    run_world_answer(RUN_WORLD_LATER("300"));
    run_world_run(RUN_AUDIT, "");
    assert_pending("none", "");
    assert_int_equal(run_world.audits, 1);
    assert_int_equal(fake_aws.count, 0);
}

static void waits_as_long_as_it_may(void **state)
{
    (void)state;
    run_world.settings.wait_s = 700;
    run_world_answer(RUN_WORLD_LATER("300"));
    run_world_answer(RUN_WORLD_LATER("300"));
    run_world_answer(
        RUN_WORLD_OK("d", RUN_WORLD_GOOD("sqs.public") "," RUN_WORLD_GOOD("sqs.shared")));
    run_world_run(RUN_AUDIT, "");
    assert_int_equal(run_world.audits, 3);
    assert_int_equal(run_world.status, 0);
    assert_string_equal(run_world_says("sqs.public", "status"), "compliant");
}

static void stops_waiting_at_its_limit(void **state)
{
    (void)state;
    run_world.settings.wait_s = 700;
    run_world_answer(RUN_WORLD_LATER("300"));
    run_world_run(RUN_AUDIT, "");
    assert_int_equal(run_world.audits, 3);
    assert_pending("none", "");
    run_world.settings.wait_s = 86400;
    run_world.audits = 0;
    run_world_run(RUN_AUDIT, "");
    assert_int_equal(run_world.audits, 13);
    assert_pending("none", "");
}

static void waits_for_the_delay_of_the_line(void **state)
{
    (void)state;
    run_world.settings.wait_s = 900;
    run_world_answer(RUN_WORLD_LATER("300"));
    run_world_run(RUN_AUDIT, ",\"delay\":900");
    assert_int_equal(run_world.audits, 1);
    run_world_run(RUN_AUDIT, ",\"delay\":901");
    assert_int_equal(run_world.audits, 5);
}

static void is_requeued_with_its_keys(void **state)
{
    (void)state;
    run_world.settings.sqs_queue = queue_url;
    run_world_answer(RUN_WORLD_LATER("120"));
    run_world_run(RUN_AUDIT, ",\"attempt\":3,\"delay\":60,\"why\":\"event\"");
    const json_t *entry = sent_entry();
    json_t *line = json_loads(json_get_string(entry, "MessageBody", ""), 0, NULL);
    assert_int_equal(json_get_integer(entry, "DelaySeconds", -1), 120);
    assert_null(json_object_get(entry, "MessageSystemAttributes"));
    assert_null(json_object_get(entry, "MessageAttributes"));
    assert_int_equal(json_get_integer(line, "attempt", 0), 4);
    assert_null(json_object_get(line, "delay"));
    assert_string_equal(json_get_string(line, "why", ""), "event");
    assert_string_equal(json_get_string(line, "id", ""), RUN_WORLD_ID);
    json_decref(line);
    assert_pending("none", "");
}

static void cuts_long_delays(void **state)
{
    (void)state;
    run_world.settings.sqs_queue = queue_url;
    run_world_answer(RUN_WORLD_LATER("3600"));
    run_world_run(RUN_AUDIT, ",\"attempt\":11");
    assert_int_equal(json_get_integer(sent_entry(), "DelaySeconds", -1), 900);
    assert_pending("none", "");
}

static void says_when_it_gives_up(void **state)
{
    (void)state;
    run_world.settings.sqs_queue = queue_url;
    run_world_answer(RUN_WORLD_LATER("120"));
    run_world_run(RUN_AUDIT, ",\"attempt\":12");
    assert_int_equal(fake_aws.count, 0);
    assert_pending("failed", "not ready after 12 attempts");
}

static struct fake_answer refuse(const struct fake_request *request, size_t index)
{
    (void)request, (void)index;
    return fake_reply(403, "{\"__type\":\"AccessDeniedException\",\"message\":\"no SendMessage\"}");
}

/* The queue's answer is known before the resource counts as done. */
static void fails_if_the_queue_does_not_accept_it(void **state)
{
    (void)state;
    char nonsense[] = "nonsense";
    run_world.settings.sqs_queue = queue_url;
    fake_aws.answer = refuse;
    run_world_answer(RUN_WORLD_LATER("120"));
    run_world_run(RUN_AUDIT, "");
    assert_pending("failed", "cannot be audited again later");
    run_world.settings.sqs_queue = nonsense;
    run_world_run(RUN_AUDIT, "");
    assert_pending("failed", "nonsense");
}

#define PART                                                                                       \
    RUN_WORLD_OK("d",                                                                              \
                 "{\"id\":\"sqs.public\",\"status\":\"pending\",\"later\":120,\"fix\":\"none\"},"  \
                 "{\"id\":\"sqs.shared\",\"status\":\"non_compliant\",\"summary\":\"bad\","        \
                 "\"fix\":\"none\"}")

/* One check needs a part that is not ready; the other has its verdict. */
static void waits_for_one_check(void **state)
{
    (void)state;
    run_world_answer(PART);
    run_world_run(RUN_AUDIT, "");
    assert_int_equal(run_world.status, 1);
    assert_string_equal(run_world_says("sqs.public", "status"), "pending");
    assert_string_equal(run_world_says("sqs.public", "summary"), "the resource is not ready yet");
    assert_string_equal(run_world_says("sqs.shared", "status"), "non_compliant");
    run_world.settings.sqs_queue = queue_url;
    run_world_run(RUN_AUDIT, "");
    assert_int_equal(json_get_integer(sent_entry(), "DelaySeconds", -1), 120);
    run_world.settings.sqs_queue = NULL;
    run_world.settings.wait_s = 130;
    run_world.audits = 0;
    run_world_answer(
        RUN_WORLD_OK("d", RUN_WORLD_GOOD("sqs.public") "," RUN_WORLD_GOOD("sqs.shared")));
    run_world_run(RUN_AUDIT, "");
    assert_int_equal(run_world.audits, 2);
    assert_string_equal(run_world_says("sqs.public", "status"), "compliant");
    assert_string_equal(run_world_says("sqs.shared", "status"), "compliant");
    assert_int_equal(run_world.status, 0);
}

/* It says 0 seconds: still no verdict, and its line comes back. */
static void waits_for_a_check_that_is_ready_at_once(void **state)
{
    (void)state;
    run_world_answer(
        RUN_WORLD_OK("d", "{\"id\":\"sqs.public\",\"status\":\"pending\",\"later\":0}"));
    run_world.settings.sqs_queue = queue_url;
    run_world_run(RUN_AUDIT, "");
    assert_int_equal(json_get_integer(sent_entry(), "DelaySeconds", -1), 1);
    run_world.settings.sqs_queue = NULL;
    run_world.settings.wait_s = 1;
    run_world.audits = 0;
    run_world_run(RUN_AUDIT, "");
    assert_int_equal(run_world.audits, 2);
}

#define NO_ANSWER                                                                                  \
    "{\"id\":\"sqs.shared\",\"status\":\"unknown\",\"error\":{\"kind\":\"api\",\"code\":"          \
    "\"InternalFailure\",\"message\":\"no\",\"transient\":true},\"fix\":\"none\"}"

/* Only what repairs settled is kept of the audit before, not what it could not read. */
static void decides_anew_what_was_unknown(void **state)
{
    (void)state;
    run_world.settings.wait_s = 130;
    run_world_answer(RUN_WORLD_OK(
        "d", "{\"id\":\"sqs.public\",\"status\":\"pending\",\"later\":120}," NO_ANSWER));
    run_world_answer(
        RUN_WORLD_OK("d", RUN_WORLD_GOOD("sqs.public") "," RUN_WORLD_GOOD("sqs.shared")));
    run_world_run(RUN_CHANGE, "");
    assert_int_equal(run_world.audits, 2);
    assert_string_equal(run_world_says("sqs.public", "status"), "compliant");
    assert_string_equal(run_world_says("sqs.shared", "status"), "compliant");
    assert_int_equal(run_world.status, 0);
}

/* What was repaired before the wait stays repaired, and no audit after it repairs it again. */
static void keeps_a_repair_from_before_the_wait(void **state)
{
    (void)state;
    run_world.settings.wait_s = 130;
    run_world_answer(RUN_WORLD_OK(
        "d1", "{\"id\":\"sqs.public\",\"status\":\"pending\",\"later\":120}," RUN_WORLD_BAD(
                  "sqs.shared", "e")));
    run_world_answer(RUN_WORLD_OK("d1", RUN_WORLD_BAD("sqs.shared", "e")));
    run_world_answer(RUN_WORLD_OK("d2", RUN_WORLD_GOOD("sqs.shared")));
    run_world_answer(
        RUN_WORLD_OK("d2", RUN_WORLD_GOOD("sqs.public") "," RUN_WORLD_GOOD("sqs.shared")));
    run_world_run(RUN_CHANGE, "");
    assert_int_equal(run_world.audits, 4);
    assert_int_equal(fake_aws.count, 1);
    assert_int_equal(json_array_size(run_world.findings), 2);
    assert_string_equal(run_world_says("sqs.public", "status"), "compliant");
    assert_string_equal(run_world_says("sqs.shared", "remediation"), "fixed");
    assert_int_equal(run_world.status, 0);
}

/* A signal arrives while the run waits. */
static struct run *waiting;

static void stop_it(void *arg)
{
    (void)arg;
    run_stop(waiting);
}

static void on_done(void *arg)
{
    *(bool *)arg = true;
}

static void stops_waiting_when_stopped(void **state)
{
    (void)state;
    struct err err = {0};
    bool done = false;
    run_world.settings.wait_s = 86400;
    run_world_answer(RUN_WORLD_LATER("86400"));
    struct report *report = report_open(&run_world.settings, &err);
    struct run_options options = {
        .context = &run_world.context, .mode = RUN_AUDIT, .report = report};
    waiting = run_new(&options);
    struct source_target target = run_target(waiting);
    struct resource *resource = resource_new("111122223333", "us-east-1", "sqs", RUN_WORLD_ID);
    run_start(waiting, source_single(fake_aws.loop, resource, &target), on_done, &done);
    loop_after(fake_aws.loop, 3600 * 1000, stop_it, NULL);
    fake_aws_run();
    assert_true(done);
    assert_int_equal(run_status(waiting), 1);
    run_free(waiting);
    assert_int_equal(report_close(report, &err), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(is_pending_if_the_run_does_not_wait),
        TEST(waits_as_long_as_it_may),
        TEST(stops_waiting_at_its_limit),
        TEST(waits_for_the_delay_of_the_line),
        TEST(is_requeued_with_its_keys),
        TEST(cuts_long_delays),
        TEST(says_when_it_gives_up),
        TEST(fails_if_the_queue_does_not_accept_it),
        TEST(waits_for_one_check),
        TEST(waits_for_a_check_that_is_ready_at_once),
        TEST(decides_anew_what_was_unknown),
        TEST(keeps_a_repair_from_before_the_wait),
        TEST(stops_waiting_when_stopped),
    };
    mem_install();
    return cmocka_run_group_tests_name("look again later", tests, NULL, NULL);
}
