/* The program as a Lambda function: the Runtime API sends it events, one after the other, and gets
 * a response to each. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/app_case.h"

#define MOST_EVENTS 4
#define LINES "https://sqs.us-east-1.amazonaws.com/" APP_ACCOUNT "/lines"
#define PLACES "https://sqs.us-east-1.amazonaws.com/" APP_ACCOUNT "/places"
#define SCHEDULED "{\"source\":\"aws.events\",\"detail-type\":\"Scheduled Event\",\"detail\":{}}"
#define BATCH(records) "{\"Records\":[" records "]}"
#define RECORD(id, body)                                                                           \
    "{\"messageId\":\"" id "\",\"receiptHandle\":\"r\",\"eventSource\":\"aws:sqs\","               \
    "\"eventSourceARN\":\"arn:aws:sqs:us-east-1:" APP_ACCOUNT ":lines\",\"body\":\"" body "\"}"
#define LINE                                                                                       \
    "{\\\"account\\\":\\\"" APP_ACCOUNT "\\\",\\\"region\\\":\\\"us-east-1\\\","                   \
    "\\\"type\\\":\\\"queue\\\",\\\"id\\\":\\\"" APP_QUEUE "\\\"}"
#define PLACE                                                                                      \
    "{\\\"type\\\":\\\"poll\\\",\\\"account\\\":\\\"" APP_ACCOUNT "\\\","                          \
    "\\\"region\\\":\\\"us-east-1\\\",\\\"resource_type\\\":\\\"queue\\\",\\\"attempt\\\":0}"
#define EVENT(more)                                                                                \
    "{\"source\":\"aws.sqs\",\"account\":\"" APP_ACCOUNT "\",\"region\":\"us-east-1\","            \
    "\"detail-type\":\"AWS API Call via CloudTrail\",\"detail\":{\"eventSource\":"                 \
    "\"sqs.amazonaws.com\",\"eventName\":\"CreateQueue\",\"awsRegion\":\"us-east-1\","             \
    "\"recipientAccountId\":\"" APP_ACCOUNT "\"" more "}}"

static struct {
    const char *const *events;
    size_t count, given, answered;
    char responses[MOST_EVENTS][600]; /* "response BODY" or "error BODY" */
} api;

static void give(const struct peer_request *request)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    const char *event = api.events[api.given++];
    char *text = mem_printf("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id-%zu\r\n"
                            "Lambda-Runtime-Trace-Id: Root=1\r\n"
                            "Lambda-Runtime-Deadline-Ms: %lld\r\nContent-Length: %zu\r\n\r\n%s",
                            api.given, ((long long)now.tv_sec + 60) * 1000, strlen(event), event);
    peer_send(request, text);
    mem_free(text);
}

/* When there are no more events, the sandbox is shut down. */
static bool runtime_api(const struct peer_request *request)
{
    if (strstr(request->text, "/2018-06-01/runtime/") == NULL)
        return false;
    if (strstr(request->text, "/invocation/next") != NULL && api.given < api.count) {
        give(request);
    } else if (strstr(request->text, "/invocation/next") != NULL) {
        kill(app_case.pid, SIGTERM);
    } else {
        bool failed = strstr(request->text, "/error HTTP") != NULL;
        assert_true(api.answered < MOST_EVENTS);
        snprintf(api.responses[api.answered++], sizeof *api.responses, "%s %s",
                 failed ? "error" : "response", request->text + request->body);
        peer_send(request, "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
    }
    return true;
}

static int set_up(void **state)
{
    static char host[40];
    app_case_set_up(state);
    memset(&api, 0, sizeof api);
    app_case.hook = runtime_api;
    snprintf(host, sizeof host, "127.0.0.1:%d", peer_port(app_case.aws));
    app_setenv("AWS_LAMBDA_RUNTIME_API", host);
    app_setenv("ACCOUNTS", APP_ACCOUNT);
    app_setenv("POLLER_SQS", LINES);
    app_setenv("SQS", LINES);
    return 0;
}

/* Runs that handler on these events, and fails unless the run succeeds. */
static void invoke(const char *handler, const char *const *events, size_t count)
{
    api.events = events;
    api.count = count;
    api.given = api.answered = 0;
    int status = app_run("", handler);
    if (status != 0)
        fail_msg("status %d: %s", status, app_case.err);
    assert_int_equal(api.answered, count);
}

#define INVOKE(handler, ...)                                                                       \
    do {                                                                                           \
        static const char *const events[] = {__VA_ARGS__};                                         \
        invoke(handler, events, sizeof events / sizeof *events);                                   \
    } while (0)

static void expect(size_t nth, const char *response)
{
    if (strstr(api.responses[nth], response) == NULL)
        fail_msg("\"%s\" is not in \"%s\": %s", response, api.responses[nth], app_case.err);
}

static void refuse(const char *operation, const char *body)
{
    static struct app_answer answers[2];
    answers[0] = (struct app_answer){operation, 403, body};
    app_case.answers = answers;
}

#define DENIED "{\"__type\":\"AccessDenied\",\"message\":\"not you\"}"

/* ---- poller ---- */

static void polls_all_at_once(void **state)
{
    (void)state;
    app_setenv("AWS_LAMBDA_LOG_LEVEL", "TRACE");
    INVOKE("poller", SCHEDULED, SCHEDULED);
    expect(0, "response {\"resources\":1,\"places\":1,\"failed\":0}");
    expect(1, "response {\"resources\":1,\"places\":1,\"failed\":0}");
    assert_int_equal(app_calls("SendMessageBatch"), 2);
    app_wrote("\"Rounds\":1");
    app_wrote("DEBUG RequestId: id-2 invoked as poller, with ");
    refuse("ListQueues", DENIED);
    INVOKE("poller", SCHEDULED);
    expect(0, "error ");
    expect(0, "AccessDenied");
    app_wrote("\"PlacesNotListed\":1");
    refuse("SendMessageBatch", DENIED);
    INVOKE("poller", SCHEDULED);
    expect(0, "not you");
}

static void sends_and_receives_places(void **state)
{
    (void)state;
    app_setenv("POLL_QUEUE", PLACES);
    app_setenv("AWS_LAMBDA_LOG_LEVEL", "INFO");
    INVOKE("poller", SCHEDULED, BATCH(RECORD("a", PLACE) "," RECORD("b", "{")));
    expect(0, "response {\"places\":1}");
    expect(1, "response {\"batchItemFailures\":[{\"itemIdentifier\":\"b\"}]}");
    app_wrote("1 of 2 messages");
    app_wrote("\"BatchItemsFailed\":1");
    INVOKE("poller", BATCH("{\"body\":\"x\"}"));
    expect(0, "messageId");
    refuse("SendMessageBatch", DENIED);
    INVOKE("poller", SCHEDULED);
    expect(0, "error ");
    app_setenv("ACCOUNTS", NULL);
    app_case.answers = NULL;
    INVOKE("poller", SCHEDULED);
    expect(0, "response {\"places\":1}");
    assert_int_equal(app_calls("GetCallerIdentity"), 1);
}

static void polls_all_regions(void **state)
{
    static const struct app_answer answers[] = {
        {"Action=DescribeRegions", 200,
         "<DescribeRegionsResponse><regionInfo><item><regionName>eu-west-1</regionName></item>"
         "<item><regionName>us-east-1</regionName></item></regionInfo></DescribeRegionsResponse>"},
        {0}};
    (void)state;
    app_setenv("REGIONS", "all");
    app_case.answers = answers;
    INVOKE("poller", SCHEDULED, SCHEDULED);
    expect(0, "response {\"resources\":2,\"places\":2,\"failed\":0}");
    expect(1, "response {\"resources\":2,\"places\":2,\"failed\":0}");
    assert_int_equal(app_calls("DescribeRegions"), 2);
    app_setenv("POLL_QUEUE", PLACES);
    assert_int_equal(app_run("", "poller"), 1);
    app_wrote("REGIONS is all");
    assert_int_equal(app_calls("DescribeRegions"), 0);
}

/* ---- event_translator ---- */

static void translates(void **state)
{
    (void)state;
    app_setenv("_HANDLER", "event_translator");
    INVOKE("", EVENT(",\"responseElements\":{\"queueUrl\":\"" APP_QUEUE "\"}"), EVENT(""),
           EVENT(",\"responseElements\":{\"queueUrl\":7}"));
    expect(0, "response {\"resources\":1}");
    expect(1, "response {\"resources\":0}");
    expect(2, "error ");
    app_wrote("\"EventsWithoutId\":1");
    assert_int_equal(app_calls("GetCallerIdentity"), 0);
    app_setenv("POLL_QUEUE", PLACES);
    INVOKE("", EVENT(",\"responseElements\":{\"omitted\":true}"));
    app_wrote("\"listed\":true");
    assert_int_equal(app_calls("SendMessageBatch"), 1);
    refuse("SendMessageBatch", DENIED);
    INVOKE("", EVENT(",\"responseElements\":{\"queueUrl\":\"" APP_QUEUE "\"}"));
    expect(0, "not you");
}

/* ---- remediator ---- */

static void audits_batches(void **state)
{
    (void)state;
    INVOKE("remediator", BATCH(RECORD("a", LINE) "," RECORD("b", "{}")), SCHEDULED);
    expect(0, "response {\"batchItemFailures\":[{\"itemIdentifier\":\"b\"}]}");
    expect(1, "error ");
    expect(1, "Records");
    app_wrote("queue.public");
    assert_true(app_case.open);
}

static void repairs(void **state)
{
    (void)state;
    app_setenv("REMEDIATE", "true");
    INVOKE("remediator", BATCH(RECORD("a", LINE)));
    expect(0, "response {\"batchItemFailures\":[]}");
    assert_false(app_case.open);
    app_wrote("\"state\":\"step\"");
}

/* Without valid rules nothing is changed; the run continues, and reports it once. */
static void continues_without_its_exceptions(void **state)
{
    (void)state;
    app_setenv("REMEDIATE", "true");
    app_setenv("EXCEPTIONS", "/nowhere/rules");
    INVOKE("remediator", BATCH(RECORD("a", LINE)), BATCH(RECORD("b", LINE)));
    expect(0, "response {\"batchItemFailures\":[]}");
    expect(1, "response {\"batchItemFailures\":[]}");
    assert_true(app_case.open);
    app_wrote("EXCEPTIONS");
}

static void leaves_messages_while_the_caller_is_unknown(void **state)
{
    static const struct app_answer down[] = {{"GetCallerIdentity", 403, "<x/>"}, {0}};
    (void)state;
    app_case.answers = down;
    INVOKE("remediator", BATCH(RECORD("a", LINE)));
    expect(0, "error ");
    assert_int_equal(app_calls("GetQueueAttributes"), 0);
}

/* ---- the start ---- */

struct start {
    const char *variable, *value;
    const char *handler;
    const char *part;
};

static void says_why_it_cannot_start(void **state)
{
    static const struct start starts[] = {
        {"_HANDLER", "moon", "", "_HANDLER"},
        {"_HANDLER", NULL, "", "_HANDLER"},
        {"_HANDLER", "remediater", "", "did you mean \\\"remediator\\\"?"},
        {"POLLER_SQS", NULL, "poller", "POLLER_SQS"},
        {"SQS", NULL, "event_translator", "SQS"},
        {"STATE_TABLE", "arn:moon", "remediator", "STATE_TABLE"},
        {"ENGINE_POLICIES", NULL, "poller", "LAMBDA_TASK_ROOT"},
        {"ENGINE_MODELS", "/nowhere", "poller", "/nowhere"},
        {"REGIONS", "nowhere", "poller", "REGIONS"},
    };
    void *ignored = NULL;
    (void)state;
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        app_case_tear_down(&ignored);
        set_up(&ignored);
        app_setenv(starts[i].variable, starts[i].value);
        assert_int_equal(app_run("", starts[i].handler), 1);
        assert_int_equal(api.answered, 1);
        expect(0, "error ");
        expect(0, starts[i].part);
    }
}

/* The first invocation finds broken policies, and each later one tries again. */
static void loads_again_what_it_could_not_load(void **state)
{
    (void)state;
    app_file("policies/bad.lua", "return policy {");
    INVOKE("poller", SCHEDULED, SCHEDULED, "{");
    expect(0, "bad.lua");
    expect(1, "bad.lua");
    expect(2, "the event: ");
    app_wrote("ERROR RequestId: id-3 the event: ");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, app_case_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(polls_all_at_once),
        CASE(sends_and_receives_places),
        CASE(polls_all_regions),
        CASE(translates),
        CASE(audits_batches),
        CASE(repairs),
        CASE(continues_without_its_exceptions),
        CASE(leaves_messages_while_the_caller_is_unknown),
        CASE(says_why_it_cannot_start),
        CASE(loads_again_what_it_could_not_load),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
