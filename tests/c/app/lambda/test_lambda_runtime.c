/* The runtime's side of the Lambda Runtime API, with a canned server: what the runtime requests,
 * how it answers, and how it handles each response. Source: AWS Lambda Developer Guide, "Using the
 * Lambda runtime API for custom runtimes". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/lambda/lambda_runtime.h"
#include "base/log.h"
#include "base/mem.h"
#include "support/peer.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define ACCEPTED "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
#define TOO_LONG 6291557u /* one byte more than the service accepts */

static struct {
    struct loop *loop;
    struct peer *peer;
    struct lambda_runtime *runtime;
    struct lambda_event event;
    struct err err;
    const char *const *answers; /* one per request, the last one repeated; NULL: cut */
    size_t count;
    char seen[4][600]; /* the beginning of each request */
    char warning[200];
} api;

static void on_request(void *arg, const struct peer_request *request)
{
    size_t nth = (size_t)request->number - 1;
    const char *answer = api.answers[nth < api.count ? nth : api.count - 1];
    (void)arg;
    assert_true(nth < COUNT(api.seen));
    snprintf(api.seen[nth], sizeof api.seen[nth], "%s", request->text);
    if (answer != NULL)
        peer_send(request, answer);
    else
        peer_reset(request->connection);
}

static void note_line(enum log_level level, const char *line)
{
    (void)level;
    snprintf(api.warning, sizeof api.warning, "%s", line);
}

static int set_up(void **state)
{
    char host[40];
    (void)state;
    memset(&api, 0, sizeof api);
    log_set_sink(note_line);
    api.loop = loop_new();
    api.peer = peer_new(api.loop, on_request, NULL);
    snprintf(host, sizeof host, "127.0.0.1:%d", peer_port(api.peer));
    api.runtime = lambda_runtime_new(api.loop, host);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    lambda_event_clear(&api.event);
    lambda_runtime_free(api.runtime);
    peer_free(api.peer);
    loop_free(api.loop);
    log_set_sink(NULL);
    return 0;
}

#define ANSWER(...)                                                                                \
    static const char *const answers[] = {__VA_ARGS__};                                            \
    api.answers = answers;                                                                         \
    api.count = COUNT(answers)

static void expect_error(enum err_kind kind, const char *text)
{
    assert_int_equal(api.err.kind, kind);
    if (strstr(api.err.message, text) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", text, api.err.message);
}

/* Request `nth` is for this path, and contains this text. */
static void expect_request(size_t nth, const char *line, const char *text)
{
    assert_memory_equal(api.seen[nth], line, strlen(line));
    if (strstr(api.seen[nth], text) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", text, api.seen[nth]);
}

static void receives_an_invocation(void **state)
{
    (void)state;
    ANSWER("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: 8476a536\r\n"
           "Lambda-Runtime-Deadline-Ms: 1542409706888\r\nLambda-Runtime-Trace-Id: Root=1-5bef\r\n"
           "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:111122223333:function:f"
           "\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
           "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: b\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(lambda_runtime_next(api.runtime, &api.event, &api.err), 0);
    expect_request(0, "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n", "engine/");
    assert_string_equal(api.event.request_id, "8476a536");
    assert_string_equal(api.event.trace_id, "Root=1-5bef");
    assert_string_equal(api.event.function_arn, "arn:aws:lambda:us-east-1:111122223333:function:f");
    assert_true(api.event.deadline_ms == 1542409706888);
    assert_string_equal(api.event.body, "{\"a\":1}");
    assert_int_equal(api.event.length, 7);
    lambda_event_clear(&api.event);
    assert_int_equal(lambda_runtime_next(api.runtime, &api.event, &api.err), 0);
    assert_null(api.event.trace_id);
    assert_true(api.event.deadline_ms == 0);
    assert_string_equal(api.event.body, "");
}

static void ends_without_an_invocation(void **state)
{
    static const char gone[] = "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n";
    (void)state;
    ANSWER(gone, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", NULL);
    assert_int_equal(lambda_runtime_next(api.runtime, &api.event, &api.err), -1);
    expect_error(ERR_NET, "returned status 500 for the next invocation");
    assert_int_equal(lambda_runtime_next(api.runtime, &api.event, &api.err), -1);
    expect_error(ERR_NET, "sent no request id");
    assert_null(api.event.body);
    assert_int_equal(lambda_runtime_next(api.runtime, &api.event, &api.err), -1);
    expect_error(ERR_NET, "the Lambda runtime API: ");
}

static void stop(void *arg)
{
    (void)arg;
    loop_stop(api.loop);
}

static void never_answer(void *arg, const struct peer_request *request)
{
    (void)arg;
    (void)request;
    loop_defer(api.loop, stop, NULL);
}

static void stops_waiting(void **state)
{
    char host[40];
    (void)state;
    peer_free(api.peer);
    api.peer = peer_new(api.loop, never_answer, NULL);
    snprintf(host, sizeof host, "127.0.0.1:%d", peer_port(api.peer));
    lambda_runtime_free(api.runtime);
    api.runtime = lambda_runtime_new(api.loop, host);
    assert_int_equal(lambda_runtime_next(api.runtime, &api.event, &api.err), -1);
    expect_error(ERR_CANCELLED, "stopped");
}

static int respond(const char *body)
{
    return lambda_runtime_respond(api.runtime, "id-1", body, strlen(body), &api.err);
}

static void responds(void **state)
{
    (void)state;
    ANSWER(ACCEPTED);
    assert_int_equal(respond("{\"done\":true}"), 0);
    expect_request(0, "POST /2018-06-01/runtime/invocation/id-1/response HTTP/1.1\r\n",
                   "\r\n\r\n{\"done\":true}");
    assert_string_equal(api.warning, "");
}

/* Sent once more; the service refuses a second answer, which does no harm. */
static void responds_again_after_a_cut_connection(void **state)
{
    (void)state;
    ANSWER(NULL, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(respond("{}"), 0);
    assert_int_equal(peer_requests(api.peer), 2);
    assert_non_null(strstr(api.warning, "refused the response (status 403)"));
}

static void ends_if_the_response_is_not_accepted(void **state)
{
    (void)state;
    ANSWER(NULL, NULL, "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(respond("{}"), -1);
    assert_int_equal(peer_requests(api.peer), 2);
    assert_int_equal(respond("{}"), -1);
    expect_error(ERR_NET, "returned status 500 for the response");
    assert_int_equal(peer_requests(api.peer), 3);
}

static void reports_what_is_too_long(void **state)
{
    static const char error[] = "POST /2018-06-01/runtime/invocation/id-1/error HTTP/1.1\r\n";
    (void)state;
    ANSWER(ACCEPTED, "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n", ACCEPTED);
    char *body = mem_alloc(TOO_LONG + 1);
    memset(body, 'x', TOO_LONG);
    assert_int_equal(respond(body), 0);
    mem_free(body);
    expect_request(0, error, "\"errorType\":\"Engine.TooLarge\"");
    expect_request(0, error, "the response has 6291557 bytes, more than the 6291556");
    assert_int_equal(peer_requests(api.peer), 1);
    assert_int_equal(respond("{}"), 0); /* the service has a smaller maximum */
    expect_request(2, error, "Lambda-Runtime-Function-Error-Type: Engine.TooLarge\r\n");
}

static void reports_a_failure(void **state)
{
    struct err failure = {0};
    (void)state;
    ANSWER(ACCEPTED);
    err_set(&failure, ERR_DENIED, "no \"access\"");
    snprintf(failure.operation, sizeof failure.operation, "sqs:SendMessage");
    snprintf(failure.code, sizeof failure.code, "AccessDenied");
    snprintf(failure.request_id, sizeof failure.request_id, "r-1");
    assert_int_equal(lambda_runtime_fail(api.runtime, "id-2", &failure, &api.err), 0);
    expect_request(0, "POST /2018-06-01/runtime/invocation/id-2/error HTTP/1.1\r\n",
                   "\r\n\r\n{\"errorMessage\":\"no \\\"access\\\"\",\"errorType\":"
                   "\"Engine.NotPermitted\",\"stackTrace\":[\"sqs:SendMessage\",\"AccessDenied\","
                   "\"r-1\"]}");
    err_clear(&failure);
    err_set(&failure, ERR_USAGE, "REGIONS is empty");
    assert_int_equal(lambda_runtime_fail(api.runtime, NULL, &failure, &api.err), 0);
    expect_request(1, "POST /2018-06-01/runtime/init/error HTTP/1.1\r\n",
                   "\"errorType\":\"Engine.ConfigInvalid\",\"stackTrace\":[]}");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(receives_an_invocation),
        TEST(ends_without_an_invocation),
        TEST(stops_waiting),
        TEST(responds),
        TEST(responds_again_after_a_cut_connection),
        TEST(ends_if_the_response_is_not_accepted),
        TEST(reports_what_is_too_long),
        TEST(reports_a_failure),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
