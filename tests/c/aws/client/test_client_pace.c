/* Throttled calls: they wait for their turn, in order, for each account, region and service, as
 * long as any call gets through. Time passes with the turns of the loop, so that nothing really
 * waits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aws/client/client.h"
#include "aws/operations/opset.h"
#include "base/clock.h"
#include "base/mem.h"
#include "support/fake_aws.h"
#include "value/json.h"

#define MANY 60
#define TURN_MS 5
#define ACCOUNTS 3

static int64_t now_ms;
static struct session sessions[ACCOUNTS];
static struct opset *allowed;
static size_t throttles;  /* the number of first requests that are throttled */
static const char *code;  /* the error code that they get */
static const char *evil;  /* requests for such a queue are always throttled */
static const char *first; /* the body of the first response */

/* The results of calls, in the order in which they ended. */
static struct {
    int ok, failed;
    size_t sent;    /* requests that were sent before the first result */
    struct err err; /* of the last failure */
    char order[4096];
} reported;

static int64_t own_clock(void)
{
    return now_ms;
}

static bool turn(void)
{
    now_ms += TURN_MS;
    return loop_turn(fake_aws.loop, 0);
}

static void run(void)
{
    while (turn())
        continue;
}

static struct fake_answer answer(const struct fake_request *request, size_t index)
{
    bool is_evil = evil != NULL && strstr(request->body, evil) != NULL;
    if (is_evil || index < throttles)
        return fake_reply(400, code);
    return fake_reply(200, index == 0 ? first : "{\"QueueUrls\":[]}");
}

static int set_up(void **state)
{
    static const char *const accounts[] = {"111111111111", "222222222222", ""};
    fake_aws_set_up(state);
    now_ms = 1000000;
    clock_replace(NULL, own_clock);
    fake_aws.answer = answer;
    memset(&reported, 0, sizeof reported);
    throttles = 0;
    evil = NULL;
    code = "{\"__type\":\"RequestThrottled\",\"message\":\"Rate exceeded\"}";
    first = "{\"QueueUrls\":[]}";
    allowed = opset_new();
    opset_add(allowed, "sqs", "ListQueues");
    for (int i = 0; i < ACCOUNTS; i++)
        sessions[i] = (struct session){
            .account = accounts[i], .provider = fake_aws.provider, .allowed = allowed};
    return 0;
}

static int tear_down(void **state)
{
    opset_free(allowed);
    return fake_aws_tear_down(state);
}

static void done(void *arg, json_t *result, const struct err *err)
{
    size_t length = strlen(reported.order);
    (void)result;
    if (length == 0)
        reported.sent = fake_aws.count;
    snprintf(reported.order + length, sizeof reported.order - length, "%zu ",
             (size_t)(uintptr_t)arg);
    if (err == NULL) {
        reported.ok++;
    } else {
        reported.failed++;
        reported.err = *err;
    }
}

static struct client_call *list(const struct session *session, const char *prefix, size_t number)
{
    struct err err = {0};
    json_t *params = json_pack("{s:s}", "QueueNamePrefix", prefix);
    struct call call = {.session = session,
                        .region = "eu-west-1",
                        .service = "sqs",
                        .operation = "ListQueues",
                        .params = params};
    struct client_call *started =
        client_start(fake_aws.client, &call, &err, done, (void *)(uintptr_t)number);
    json_decref(params);
    assert_non_null(started);
    return started;
}

static void list_many(const struct session *session, const char *prefix)
{
    for (size_t i = 0; i < MANY; i++)
        list(session, prefix, i);
}

static void waits_for_its_turn_in_order(void **state)
{
    char expected[4096] = "";
    (void)state;
    throttles = 26;
    list_many(&sessions[0], "good");
    run();
    assert_int_equal(reported.ok, MANY);
    for (int i = 0; i < MANY; i++)
        snprintf(expected + strlen(expected), sizeof expected - strlen(expected), "%d ", i);
    assert_string_equal(reported.order, expected);
    struct client_stats stats;
    client_stats(fake_aws.client, &stats);
    assert_int_equal(stats.throttled, 26);
    assert_int_equal(stats.requests, MANY + 26);
}

/* Responses that arrived together make room for others, before a caller works on their results. */
static void sends_the_next_before_it_reports(void **state)
{
    (void)state;
    list_many(&sessions[0], "good");
    size_t begun = fake_aws.count;
    run();
    assert_in_range(begun, 1, MANY / 2);
    assert_true(reported.sent >= 2 * begun);
}

static char *response_of(size_t bytes)
{
    static const char list[] = "{\"QueueUrls\":[]}";
    char *body = mem_alloc(bytes + 1);
    memset(body, ' ', bytes);
    memcpy(body, list, strlen(list));
    return body;
}

/* Else there would be as many of them in memory as calls in progress. */
static void reports_a_large_result_before_it_sends_the_next(void **state)
{
    (void)state;
    char *large = response_of(300000);
    first = large;
    list_many(&sessions[0], "good");
    size_t begun = fake_aws.count;
    run();
    mem_free(large);
    assert_int_equal(reported.ok, MANY);
    assert_int_equal(reported.sent, begun);
}

static void forgets_the_size_of_a_reported_result(void **state)
{
    (void)state;
    char *large = response_of(262100);
    first = large;
    list_many(&sessions[0], "good");
    run();
    mem_free(large);
    memset(&reported, 0, sizeof reported);
    list_many(&sessions[1], "good"); /* begins with few at once */
    size_t begun = fake_aws.count;
    run();
    assert_int_equal(reported.ok, MANY);
    assert_true(reported.sent > begun);
}

/* More than the quota would have paid for, and more than any number of attempts. */
static void throttles_cost_no_retries(void **state)
{
    (void)state;
    throttles = 150;
    list(&sessions[0], "good", 0);
    run();
    assert_int_equal(reported.ok, 1);
    assert_int_equal(fake_aws.count, 151);
}

static void all_waiting_fail_together_when_nothing_gets_through(void **state)
{
    (void)state;
    evil = "evil";
    list_many(&sessions[0], "evil");
    int64_t before = now_ms;
    run();
    assert_int_equal(reported.failed, MANY);
    assert_true(now_ms - before >= 900000);
    assert_true(fake_aws.count < 400);
    assert_string_equal(reported.err.code, "RequestThrottled");
    assert_non_null(strstr(reported.err.message, "sqs in eu-west-1 of account 111111111111"));
    assert_non_null(strstr(reported.err.message, "--patience"));
    /* Later calls of this run are not sent; another run tries again. */
    size_t sent = fake_aws.count;
    list(&sessions[0], "good", 0);
    run();
    assert_int_equal(reported.failed, MANY + 1);
    assert_int_equal(fake_aws.count, sent);
    client_renew(fake_aws.client);
    list(&sessions[0], "good", 0);
    run();
    assert_int_equal(reported.ok, 1);
}

static void one_account_does_not_slow_another(void **state)
{
    (void)state;
    evil = "evil";
    for (size_t i = 0; i < 300; i++)
        list(&sessions[0], "evil", i);
    list_many(&sessions[1], "good");
    while (reported.ok < MANY)
        assert_true(turn());
    assert_int_equal(reported.failed, 0);
    run();
    assert_int_equal(reported.failed, 300);
}

static void a_waiting_call_can_be_cancelled(void **state)
{
    struct client_call *calls[MANY];
    (void)state;
    throttles = 20;
    for (size_t i = 0; i < MANY; i++)
        calls[i] = list(&sessions[0], "good", i);
    while (fake_aws.count < 20)
        assert_true(turn());
    for (size_t i = 1; i < MANY; i += 2)
        client_cancel(fake_aws.client, calls[i]);
    run();
    assert_int_equal(reported.ok, MANY / 2);
    assert_int_equal(reported.failed, 0);
    /* And nothing waits for the calls that are gone. */
    struct client_call *last = list(&sessions[0], "good", 0);
    client_cancel(fake_aws.client, last);
    int64_t before = now_ms;
    run();
    assert_true(now_ms - before < 10000);
}

/* Reads of a slow queue end at once; the engine's own messages continue to wait. */
static void fails_waiting_reads_if_told_to_hurry(void **state)
{
    struct session own = {.account = "", .provider = fake_aws.provider, .permit = PERMIT_OPERATOR};
    (void)state;
    throttles = 30;
    list_many(&sessions[0], "good");
    list(&own, "good", MANY);
    while (fake_aws.count < 22)
        assert_true(turn());
    client_hurry(fake_aws.client);
    run();
    assert_int_equal(reported.failed, MANY);
    assert_int_equal(reported.ok, 1);
    assert_string_equal(reported.err.code, "RequestThrottled");
    assert_non_null(strstr(reported.err.message, "no time left"));
}

static void knows_when_something_got_through(void **state)
{
    const struct client *client = fake_aws.client;
    const char *operation = "sqs:GetQueueAttributes";
    (void)state;
    assert_int_equal(client_success_ms(client, "111111111111", "eu-west-1", operation), 0);
    list(&sessions[0], "good", 0);
    run();
    assert_true(client_success_ms(client, "111111111111", "eu-west-1", operation) > 0);
    assert_int_equal(client_success_ms(client, "222222222222", "eu-west-1", operation), 0);
    assert_int_equal(client_success_ms(client, "111111111111", "eu-west-2", operation), 0);
    assert_int_equal(client_success_ms(client, "111111111111", "eu-west-1", "iam:GetRole"), 0);
}

/* Whatever a cut or garbled response looks like, the call is sent again. */
static void repeats_a_call_after_a_garbled_response(void **state)
{
    static const char *const answers[] = {"", "{\"QueueUrls\":[\"ht", "<html>Log in</html>",
                                          "\x1f\x8b\x08garbage"};
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        first = answers[i];
        list(&sessions[0], "good", i);
        run();
        assert_int_equal(reported.ok, 1);
        assert_int_equal(fake_aws.count, 2);
        tear_down(state);
        set_up(state);
    }
}

/* An exhausted quota of resources is not throttling: there are a few attempts, and nothing else
 * waits. */
static void an_exceeded_resource_quota_is_not_throttling(void **state)
{
    (void)state;
    evil = "evil";
    code = "{\"__type\":\"LimitExceededException\",\"message\":\"Too many keys\"}";
    list(&sessions[0], "evil", 0);
    run();
    assert_int_equal(reported.failed, 1);
    assert_true(fake_aws.count <= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
        TEST(waits_for_its_turn_in_order),
        TEST(sends_the_next_before_it_reports),
        TEST(reports_a_large_result_before_it_sends_the_next),
        TEST(forgets_the_size_of_a_reported_result),
        TEST(throttles_cost_no_retries),
        TEST(all_waiting_fail_together_when_nothing_gets_through),
        TEST(one_account_does_not_slow_another),
        TEST(a_waiting_call_can_be_cancelled),
        TEST(fails_waiting_reads_if_told_to_hurry),
        TEST(knows_when_something_got_through),
        TEST(repeats_a_call_after_a_garbled_response),
        TEST(an_exceeded_resource_quota_is_not_throttling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
