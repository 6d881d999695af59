/* Which lines come again if their source allows it: after temporary failures, when the time was not
 * enough, and when something was not delivered; and that no other line does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "aws/retry/retry.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "policy/finding.h"
#include "support/run_world.h"
#include "value/json.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define TOPIC "arn:aws:sns:us-east-1:111122223333:findings"
#define UNKNOWN(more)                                                                              \
    "{\"id\":\"sqs.public\",\"status\":\"unknown\",\"error\":{\"kind\":\"api\",\"message\":"       \
    "\"no\"" more "},\"fix\":\"none\"}"

static char topic[] = TOPIC;

static void silence(enum log_level level, const char *line)
{
    (void)level, (void)line;
}

static struct fake_answer accept(const struct fake_request *request, size_t index)
{
    (void)request, (void)index;
    return fake_reply(200, "<PublishResponse><PublishResult><MessageId>m</MessageId>"
                           "</PublishResult></PublishResponse>");
}

static int set_up(void **state)
{
    log_set_sink(silence);
    int result = run_world_set_up(state);
    fake_aws.answer = accept;
    return result;
}

static int tear_down(void **state)
{
    log_set_sink(NULL);
    return run_world_tear_down(state);
}

/* ---- causes ---- */

static void test_causes(void **state)
{
    static const struct {
        enum err_kind kind;
        int status;
        const char *code;
        bool is_transient;
    } cases[] = {
        {ERR_NET, 0, "", true},
        {ERR_TIMEOUT, 0, "", true},
        {ERR_API, 400, "ThrottlingException", true},
        {ERR_API, 503, "SlowDown", true},
        {ERR_API, 500, "", true},
        {ERR_API, 501, "NotImplemented", true},
        {ERR_API, 520, "", true},
        {ERR_API, 400, "ExpiredToken", true},
        {ERR_PARSE, 502, "", true},
        {ERR_API, 403, "AccessDenied", false},
        {ERR_API, 400, "ValidationError", false},
        {ERR_API, 404, "NoSuchBucket", false},
        {ERR_CREDS, 400, "Throttling", true},
        {ERR_CREDS, 500, "InternalFailure", true},
        {ERR_CREDS, 403, "AccessDenied", false},
        {ERR_CREDS, 0, "", false},
        {ERR_POLICY, 0, "", false},
        {ERR_LIMIT, 0, "", false},
        {ERR_DENIED, 0, "", false},
        {ERR_USAGE, 0, "", false},
        {ERR_PARSE, 200, "", true}, /* a successful response that was cut off or garbled */
        {ERR_PARSE, 0, "", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = {.kind = cases[i].kind, .status = cases[i].status};
        snprintf(err.code, sizeof err.code, "%s", cases[i].code);
        if (retry_is_transient(&err) != cases[i].is_transient)
            fail_msg("%s %d %s", err_kind_name(err.kind), err.status, err.code);
        json_t *error = finding_error_json(&err);
        assert_int_equal(json_get_bool(error, "transient", false), cases[i].is_transient);
        json_decref(error);
    }
}

/* ---- runs ---- */

struct end {
    bool done;
    int settled;
    bool again;
};

static void on_settled(void *arg, const struct resource *resource, bool again)
{
    struct end *end = arg;
    assert_string_equal(resource->id, RUN_WORLD_ID);
    end->settled++;
    end->again = again;
}

static void on_done(void *arg)
{
    struct end *end = arg;
    end->done = true;
}

static bool comes_again(enum run_mode mode)
{
    struct err err = {0};
    struct end end = {0};
    struct journal *journal = journal_new(run_world.journal);
    struct gate *gate = gate_new(&run_world.context, journal);
    struct report *report = report_open(&run_world.settings, &err);
    struct run_options options = {.context = &run_world.context,
                                  .mode = mode,
                                  .report = report,
                                  .gate = gate,
                                  .settled = on_settled,
                                  .settled_arg = &end};
    struct run *run = run_new(&options);
    struct source_target target = run_target(run);
    struct resource *resource = resource_new("111122223333", "us-east-1", "sqs", RUN_WORLD_ID);
    run_start(run, source_single(fake_aws.loop, resource, &target), on_done, &end);
    fake_aws_run();
    assert_true(end.done);
    assert_int_equal(end.settled, 1);
    run_free(run);
    assert_int_equal(report_close(report, &err), 0);
    gate_free(gate);
    journal_free(journal);
    return end.again;
}

static bool was_sent(const char *word)
{
    for (size_t i = 0; i < fake_aws.count; i++) {
        if (strstr(fake_aws.requests[i].body, word) != NULL)
            return true;
    }
    return false;
}

static void test_verdicts(void **state)
{
    (void)state;
    run_world.settings.notification_topic = topic;
    run_world_answer(RUN_WORLD_OK("d", RUN_WORLD_GOOD("sqs.public")));
    assert_false(comes_again(RUN_CHANGE));
    json_array_clear(run_world.outcomes);
    run_world_answer(RUN_WORLD_OK("d", RUN_WORLD_BAD("sqs.public", "e")));
    assert_false(comes_again(RUN_AUDIT));
    assert_true(was_sent("Publish"));
}

static void test_a_refusal_is_notified_and_does_not_come_again(void **state)
{
    (void)state;
    run_world.settings.notification_topic = topic;
    run_world_answer(RUN_WORLD_OK("d", UNKNOWN("")));
    assert_false(comes_again(RUN_CHANGE));
    assert_true(was_sent("Publish"));
}

static void test_a_temporary_failure_comes_again_and_is_not_notified(void **state)
{
    (void)state;
    run_world.settings.notification_topic = topic;
    run_world_answer(
        RUN_WORLD_OK("d", UNKNOWN(",\"transient\":true") "," RUN_WORLD_BAD("sqs.shared", "e")));
    assert_true(comes_again(RUN_CHANGE));
    assert_int_equal(fake_aws.count, 0);
}

/* The time is over before the repair: nothing is changed or notified. */
static void test_too_late(void **state)
{
    (void)state;
    run_world.settings.notification_topic = topic;
    run_world.context.stop_ms = clock_mono_ms();
    run_world_answer(RUN_WORLD_OK("d", RUN_WORLD_BAD("sqs.public", "e")));
    assert_true(comes_again(RUN_CHANGE));
    assert_int_equal(fake_aws.count, 0);
    assert_int_equal(run_world.audits, 1);
    assert_false(comes_again(RUN_AUDIT));
}

static struct fake_answer take(const struct fake_request *request, size_t index)
{
    (void)request, (void)index;
    return fake_reply(200, "{\"Successful\":[{\"Id\":\"0\",\"MessageId\":\"m\","
                           "\"MD5OfMessageBody\":\"x\"}]}");
}

static struct fake_answer refuse(const struct fake_request *request, size_t index)
{
    (void)request, (void)index;
    return fake_reply(403, "<ErrorResponse><Error><Code>AuthorizationError</Code></Error>"
                           "</ErrorResponse>");
}

/* Not ready: with a queue for later audits it is done; without one it comes again. */
static void test_not_ready(void **state)
{
    static char queue[] = "https://sqs.us-east-1.amazonaws.com/111122223333/later";
    (void)state;
    run_world_answer(RUN_WORLD_LATER("60"));
    assert_true(comes_again(RUN_CHANGE));
    fake_aws.answer = take;
    run_world.settings.sqs_queue = queue;
    assert_false(comes_again(RUN_CHANGE));
    assert_true(was_sent("MessageBody"));
}

static void test_not_delivered(void **state)
{
    (void)state;
    run_world.settings.notification_topic = topic;
    fake_aws.answer = refuse;
    run_world_answer(RUN_WORLD_OK("d", RUN_WORLD_BAD("sqs.public", "e")));
    assert_true(comes_again(RUN_AUDIT));
    assert_true(was_sent("Publish"));
}

/* The queue accepts messages, and no topic does. */
static struct fake_answer take_or_refuse(const struct fake_request *request, size_t index)
{
    if (strstr(request->body, "Action=Publish") != NULL)
        return refuse(request, index);
    return strstr(request->target, "SendMessageBatch") != NULL ? take(request, index)
                                                               : fake_reply(200, "{}");
}

#define NO_FIX(check)                                                                              \
    "{\"id\":\"" check "\",\"status\":\"non_compliant\",\"summary\":\"s\",\"fix\":\"none\"}"

/* It is audited again later, and notified then: if it also came again now, it would be notified
 * twice. */
static void test_a_requeued_line_does_not_come_again_itself(void **state)
{
    static char queue[] = "https://sqs.us-east-1.amazonaws.com/111122223333/later";
    const char *bad = RUN_WORLD_OK("d", RUN_WORLD_BAD("sqs.public", "e") "," NO_FIX("sqs.shared"));
    (void)state;
    run_world.settings.notification_topic = topic;
    run_world.settings.sqs_queue = queue;
    fake_aws.answer = take_or_refuse;
    run_world_answer(bad);
    assert_false(comes_again(RUN_CHANGE));
    assert_true(was_sent("MessageBody"));
    assert_true(was_sent("Publish"));
}

/* A repair is visible only once: it must be notified. */
static void test_a_requeued_line_with_a_repair_comes_again(void **state)
{
    static char queue[] = "https://sqs.us-east-1.amazonaws.com/111122223333/later";
    const char *bad =
        RUN_WORLD_OK("d", RUN_WORLD_BAD("sqs.public", "e") "," RUN_WORLD_BAD("sqs.shared", "f"));
    (void)state;
    run_world.settings.notification_topic = topic;
    run_world.settings.sqs_queue = queue;
    fake_aws.answer = take_or_refuse;
    for (int looks = 0; looks < 4; looks++)
        run_world_answer(bad);
    run_world_answer(
        RUN_WORLD_OK("d", RUN_WORLD_BAD("sqs.public", "e") "," RUN_WORLD_GOOD("sqs.shared")));
    assert_true(comes_again(RUN_CHANGE));
    assert_true(was_sent("MessageBody"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_causes),
        TEST(test_verdicts),
        TEST(test_a_refusal_is_notified_and_does_not_come_again),
        TEST(test_a_temporary_failure_comes_again_and_is_not_notified),
        TEST(test_too_late),
        TEST(test_not_ready),
        TEST(test_not_delivered),
        TEST(test_a_requeued_line_does_not_come_again_itself),
        TEST(test_a_requeued_line_with_a_repair_comes_again),
    };
    mem_install();
    return cmocka_run_group_tests_name("again", tests, NULL, NULL);
}
