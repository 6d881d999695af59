/* Resources that could not be audited for a temporary reason are audited once more at the end of
 * the run. If the lines come from a queue, a new message is sent; a throttled attempt is not
 * counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "support/run_world.h"
#include "value/json.h"

#define FAILED(code)                                                                               \
    RUN_WORLD_OK("d", "{\"id\":\"sqs.public\",\"status\":\"unknown\",\"error\":{\"kind\":\"api\"," \
                      "\"code\":\"" code "\",\"message\":\"no\",\"operation\":"                    \
                      "\"sqs:GetQueueAttributes\",\"transient\":true},\"fix\":\"none\"}")
#define LINE(id)                                                                                   \
    "{\"account\":\"111122223333\",\"region\":\"us-east-1\",\"type\":\"sqs\",\"id\":"              \
    "\"https://sqs.us-east-1.amazonaws.com/111122223333/" id "\"}\n"

static char queue[] = "https://sqs.us-east-1.amazonaws.com/111122223333/later";

static void silence(enum log_level level, const char *line)
{
    (void)level, (void)line;
}

static struct fake_answer take(const struct fake_request *request, size_t index)
{
    (void)request, (void)index;
    return fake_reply(200, "{\"Successful\":[{\"Id\":\"0\",\"MessageId\":\"m\","
                           "\"MD5OfMessageBody\":\"x\"}]}");
}

static int set_up(void **state)
{
    log_set_sink(silence);
    int result = run_world_set_up(state);
    fake_aws.answer = take;
    return result;
}

static int tear_down(void **state)
{
    log_set_sink(NULL);
    return run_world_tear_down(state);
}

/* ---- the end of a run ---- */

static void is_audited_once_more(void **state)
{
    (void)state;
    run_world_answer(FAILED("InternalFailure"));
    run_world_answer(RUN_WORLD_OK("d", RUN_WORLD_GOOD("sqs.public")));
    run_world_run(RUN_AUDIT, "");
    assert_int_equal(run_world.audits, 2);
    assert_int_equal(run_world.status, 0);
}

static void is_audited_at_most_twice(void **state)
{
    (void)state;
    run_world_answer(FAILED("InternalFailure"));
    run_world_run(RUN_AUDIT, "");
    assert_int_equal(run_world.audits, 2);
    assert_int_equal(run_world.status, 1);
    assert_string_equal(run_world_says("sqs.public", "status"), "unknown");
}

/* The other resources come first, and a line that waits for the same resource does not wait
 * forever. That line comes after the resource was put off: many lines are between the two. */
static void others_come_first(void **state)
{
    (void)state;
    enum { OTHERS = 40 };
    struct buf lines;
    buf_init(&lines, 1 << 20);
    buf_adds(&lines, LINE("a"));
    for (int i = 0; i < OTHERS; i++)
        buf_addf(&lines, LINE("b%d"), i);
    buf_adds(&lines, LINE("a") LINE("c"));
    run_world_answer(FAILED("InternalFailure"));
    run_world_answer(RUN_WORLD_OK("d", RUN_WORLD_GOOD("sqs.public")));
    run_world_lines(RUN_CHANGE, buf_text(&lines));
    buf_clear(&lines);
    assert_int_equal(run_world.audits, OTHERS + 4);
    assert_int_equal(run_world.status, 0);
}

/* What can be read the second time is repaired then; what stays unknown does not prevent other
 * repairs. */
static void is_repaired_in_the_last_audit(void **state)
{
    (void)state;
    static const char partly[] = RUN_WORLD_OK(
        "d1",
        "{\"id\":\"sqs.shared\",\"status\":\"unknown\",\"error\":{\"kind\":\"api\",\"code\":"
        "\"Throttling\",\"message\":\"no\",\"transient\":true},\"fix\":\"none\"}," RUN_WORLD_BAD(
            "sqs.public", "e"));
    run_world_answer(partly);
    run_world_answer(partly);
    run_world_answer(RUN_WORLD_OK("d1", RUN_WORLD_BAD("sqs.public", "e")));
    run_world_answer(RUN_WORLD_OK("d2", RUN_WORLD_GOOD("sqs.public")));
    run_world_run(RUN_CHANGE, "");
    assert_int_equal(run_world.audits, 4);
    assert_int_equal(fake_aws.count, 1);
    assert_string_equal(run_world_says("sqs.public", "remediation"), "fixed");
    assert_string_equal(run_world_says("sqs.shared", "status"), "unknown");
}

/* ---- a queue of lines ---- */

struct end {
    int settled;
    bool again;
};

static void on_settled(void *arg, const struct resource *resource, bool again)
{
    struct end *end = arg;
    (void)resource;
    end->settled++;
    end->again = again;
}

static void on_done(void *arg)
{
    (void)arg;
}

/* As Lambda would see it: the message of the line, or NULL. *again says whether it comes again by
 * itself. */
static json_t *sent_again(const char *line, bool *again)
{
    struct err err = {0};
    struct end end = {0};
    struct report *report = report_open(&run_world.settings, &err);
    struct run_options options = {.context = &run_world.context,
                                  .mode = RUN_AUDIT,
                                  .report = report,
                                  .settled = on_settled,
                                  .settled_arg = &end};
    struct run *run = run_new(&options);
    struct source_target target = run_target(run);
    struct resource *resource = resource_parse(line, strlen(line), &err);
    assert_non_null(resource);
    run_start(run, source_single(fake_aws.loop, resource, &target), on_done, &end);
    fake_aws_run();
    assert_int_equal(end.settled, 1);
    *again = end.again;
    run_free(run);
    assert_int_equal(report_close(report, &err), 0);
    if (fake_aws.count == 0)
        return NULL;
    const json_t *entry =
        json_array_get(json_object_get(fake_aws.requests[fake_aws.count - 1].json, "Entries"), 0);
    assert_in_range(json_get_integer(entry, "DelaySeconds", 0), 60, 300);
    const char *body = json_get_string(entry, "MessageBody", "");
    return json_parse(body, strlen(body), &err);
}

static json_t *line_with(const char *more)
{
    char line[512];
    struct err err = {0};
    snprintf(line, sizeof line,
             "{\"account\":\"111122223333\",\"region\":\"us-east-1\",\"type\":\"sqs\","
             "\"id\":\"" RUN_WORLD_ID "\"%s}",
             more);
    return json_parse(line, strlen(line), &err);
}

static json_t *message_of(const char *more, bool *again)
{
    json_t *line = line_with(more);
    char *text = json_text(line);
    json_t *message = sent_again(text, again);
    json_decref(line);
    mem_free(text);
    return message;
}

static void throttling_is_not_an_attempt(void **state)
{
    bool again;
    (void)state;
    run_world.settings.sqs_queue = queue;
    run_world_answer(FAILED("RequestThrottled"));
    json_t *message = message_of(",\"attempt\":12,\"mine\":1", &again);
    assert_false(again);
    assert_int_equal(json_get_integer(message, "attempt", -1), 12);
    assert_int_equal(json_get_integer(message, "mine", 0), 1);
    assert_true(json_get_integer(message, "passed", 0) > 1700000000);
    json_decref(message);
}

static void throttling_for_a_day_is_an_attempt(void **state)
{
    char more[80];
    bool again;
    (void)state;
    run_world.settings.sqs_queue = queue;
    run_world_answer(FAILED("RequestThrottled"));
    snprintf(more, sizeof more, ",\"attempt\":3,\"passed\":%lld",
             (long long)(clock_wall_ms() / 1000 - 86500));
    json_t *message = message_of(more, &again);
    assert_false(again);
    assert_int_equal(json_get_integer(message, "attempt", -1), 4);
    json_decref(message);
}

static void other_faults_are_attempts(void **state)
{
    bool again;
    (void)state;
    run_world.settings.sqs_queue = queue;
    run_world_answer(FAILED("InternalFailure"));
    json_t *message = message_of("", &again);
    assert_false(again);
    assert_int_equal(json_get_integer(message, "attempt", -1), 1);
    json_decref(message);
}

/* After that it is notified as unknown, and done. */
static void twelve_attempts_are_enough(void **state)
{
    bool again;
    (void)state;
    run_world.settings.sqs_queue = queue;
    run_world_answer(FAILED("InternalFailure"));
    assert_null(message_of(",\"attempt\":12", &again));
    assert_false(again);
}

static void comes_again_by_itself_without_a_queue(void **state)
{
    bool again;
    (void)state;
    run_world_answer(FAILED("RequestThrottled"));
    assert_null(message_of("", &again));
    assert_true(again);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(is_audited_once_more),
        TEST(is_audited_at_most_twice),
        TEST(is_repaired_in_the_last_audit),
        TEST(others_come_first),
        TEST(throttling_is_not_an_attempt),
        TEST(throttling_for_a_day_is_an_attempt),
        TEST(other_faults_are_attempts),
        TEST(twelve_attempts_are_enough),
        TEST(comes_again_by_itself_without_a_queue),
    };
    mem_install();
    return cmocka_run_group_tests_name("run_again", tests, NULL, NULL);
}
