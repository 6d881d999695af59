/* The program as a Lambda function: the Runtime API sends it events, one after the other, and gets
 * a response to each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/app_case.h"
#include "support/function_case.h"

/* ---- poller ---- */

static void polls_all_at_once(void **state)
{
    (void)state;
    app_setenv("AWS_LAMBDA_LOG_LEVEL", "TRACE");
    INVOKE("poller", SCHEDULED, SCHEDULED);
    function_expect(0, "response {\"resources\":1,\"places\":1,\"failed\":0}");
    function_expect(1, "response {\"resources\":1,\"places\":1,\"failed\":0}");
    assert_int_equal(app_calls("SendMessageBatch"), 2);
    app_wrote("\"Rounds\":1");
    app_wrote("DEBUG RequestId: id-2 invoked as poller, with ");
    function_refuse("ListQueues", DENIED);
    INVOKE("poller", SCHEDULED);
    function_expect(0, "error ");
    function_expect(0, "AccessDenied");
    app_wrote("\"PlacesNotListed\":1");
    function_refuse("SendMessageBatch", DENIED);
    INVOKE("poller", SCHEDULED);
    function_expect(0, "not you");
}

static void sends_and_receives_places(void **state)
{
    (void)state;
    app_setenv("POLL_QUEUE", PLACES);
    app_setenv("AWS_LAMBDA_LOG_LEVEL", "INFO");
    INVOKE("poller", SCHEDULED, BATCH(RECORD("a", PLACE) "," RECORD("b", "{")));
    function_expect(0, "response {\"places\":1}");
    function_expect(1, "response {\"batchItemFailures\":[{\"itemIdentifier\":\"b\"}]}");
    app_wrote("1 of 2 messages");
    app_wrote("\"BatchItemsFailed\":1");
    INVOKE("poller", BATCH("{\"body\":\"x\"}"));
    function_expect(0, "messageId");
    function_refuse("SendMessageBatch", DENIED);
    INVOKE("poller", SCHEDULED);
    function_expect(0, "error ");
    app_setenv("ACCOUNTS", NULL);
    app_case.answers = NULL;
    INVOKE("poller", SCHEDULED);
    function_expect(0, "response {\"places\":1}");
    assert_int_equal(app_calls("GetCallerIdentity"), 1);
}

#define ONE_ACCOUNT                                                                                \
    "{\\\"type\\\":\\\"poll-accounts\\\",\\\"accounts\\\":[\\\"" APP_ACCOUNT "\\\"]}"

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
    function_expect(0, "response {\"resources\":2,\"places\":2,\"failed\":0}");
    function_expect(1, "response {\"resources\":2,\"places\":2,\"failed\":0}");
    assert_int_equal(app_calls("DescribeRegions"), 2);
    app_setenv("POLL_QUEUE", PLACES);
    INVOKE("poller", SCHEDULED, BATCH(RECORD("a", ONE_ACCOUNT)));
    function_expect(0, "response {\"places\":0,\"accounts\":1}");
    function_expect(1, "response {\"batchItemFailures\":[]}");
    assert_int_equal(app_calls("DescribeRegions"), 1);
}

/* ---- event_translator ---- */

static void translates(void **state)
{
    (void)state;
    app_setenv("_HANDLER", "event_translator");
    INVOKE("", EVENT(",\"responseElements\":{\"queueUrl\":\"" APP_QUEUE "\"}"), EVENT(""),
           EVENT(",\"responseElements\":{\"queueUrl\":7}"));
    function_expect(0, "response {\"resources\":1}");
    function_expect(1, "response {\"resources\":0}");
    function_expect(2, "error ");
    app_wrote("\"EventsWithoutId\":1");
    assert_int_equal(app_calls("GetCallerIdentity"), 0);
    app_setenv("POLL_QUEUE", PLACES);
    INVOKE("", EVENT(",\"responseElements\":{\"omitted\":true}"));
    app_wrote("\"listed\":true");
    assert_int_equal(app_calls("SendMessageBatch"), 1);
    function_refuse("SendMessageBatch", DENIED);
    INVOKE("", EVENT(",\"responseElements\":{\"queueUrl\":\"" APP_QUEUE "\"}"));
    function_expect(0, "not you");
}

/* ---- remediator ---- */

static void audits_batches(void **state)
{
    (void)state;
    INVOKE("remediator", BATCH(RECORD("a", LINE) "," RECORD("b", "{}")), SCHEDULED);
    function_expect(0, "response {\"batchItemFailures\":[{\"itemIdentifier\":\"b\"}]}");
    function_expect(1, "error ");
    function_expect(1, "Records");
    app_wrote("queue.public");
    assert_true(app_case.open);
}

static void repairs(void **state)
{
    (void)state;
    app_setenv("REMEDIATE", "true");
    INVOKE("remediator", BATCH(RECORD("a", LINE)));
    function_expect(0, "response {\"batchItemFailures\":[]}");
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
    function_expect(0, "response {\"batchItemFailures\":[]}");
    function_expect(1, "response {\"batchItemFailures\":[]}");
    assert_true(app_case.open);
    app_wrote("EXCEPTIONS");
}

static void leaves_messages_while_the_caller_is_unknown(void **state)
{
    static const struct app_answer down[] = {{"GetCallerIdentity", 403, "<x/>"}, {0}};
    (void)state;
    app_case.answers = down;
    INVOKE("remediator", BATCH(RECORD("a", LINE)));
    function_expect(0, "error ");
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
        function_set_up(&ignored);
        app_setenv(starts[i].variable, starts[i].value);
        assert_int_equal(app_run("", starts[i].handler), 1);
        assert_int_equal(function_case.answered, 1);
        function_expect(0, "error ");
        function_expect(0, starts[i].part);
    }
}

/* The first invocation finds broken policies, and each later one tries again. */
static void loads_again_what_it_could_not_load(void **state)
{
    (void)state;
    app_file("policies/bad.lua", "return policy {");
    INVOKE("poller", SCHEDULED, SCHEDULED, "{");
    function_expect(0, "bad.lua");
    function_expect(1, "bad.lua");
    function_expect(2, "the event: ");
    app_wrote("ERROR RequestId: id-3 the event: ");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, function_set_up, app_case_tear_down)

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
