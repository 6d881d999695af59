/* engine doctor as a whole, against an account that the test plays: configuration, credentials,
 * clock, endpoints, organization and destinations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/cli/app.h"
#include "base/clock.h"
#include "base/mem.h"
#include "support/doctor_case.h"

#define LINES "https://sqs.us-east-1.amazonaws.com/" APP_ACCOUNT "/lines"

static void finds_nothing_missing(void **state)
{
    (void)state;
    app_expect(0, "the caller's own credentials are used", "doctor");
    doctor_item("models", "ok", "services in");
    doctor_item("policies", "ok", "1 type in");
    doctor_item("credentials", "ok", "from the environment (AWS_ACCESS_KEY_ID)");
    doctor_item("caller", "ok", "arn:aws:iam::" APP_ACCOUNT ":user/u");
    doctor_item("clock", "ok", "agrees with");
    doctor_item("endpoints", "ok", "responds");
    doctor_item("regions", "ok", "enabled: us-east-1");
    doctor_item("reads", "ok", "allows all 2 declared reads");
    doctor_item("listing", "ok", "1 type can be listed in us-east-1");
    assert_string_equal(app_case.asked, "GetCallerIdentity\nDescribeRegions\n"
                                        "SimulatePrincipalPolicy\nListQueues\n");
    assert_null(strstr(app_case.out, "not_checked"));
}

static void prints_a_list_for_people(void **state)
{
    (void)state;
    app_setenv("SQS_QUEUE", "queue");
    app_expect(1, "\naccount " APP_ACCOUNT "\nok ", "doctor --format table");
    app_wrote("failed       queue");
    app_wrote("\xe2\x86\x92 correct SQS_QUEUE");
    app_wrote(" ok, 1 failed\n");
}

static void tells_a_wrong_clock(void **state)
{
    (void)state;
    doctor_ahead_ms = 3600 * 1000;
    app_expect(1, "", "doctor");
    doctor_item("clock", "failed", "seconds behind that of");
    doctor_ahead_ms = -90 * 1000;
    app_expect(0, "", "doctor");
    doctor_item("clock", "warning", "seconds ahead of that of");
    app_case.hook = NULL;
    app_expect(0, "", "doctor");
    doctor_item("clock", "not_checked", "Date");
}

static void tells_an_endpoint_that_does_not_answer(void **state)
{
    (void)state;
    app_setenv("AWS_ENDPOINT_URL_SQS", "http://sqs.invalid");
    app_expect(1, "", "doctor");
    doctor_item("endpoints", "failed", "could not resolve sqs.invalid");
    doctor_item("endpoints", "ok", "responds");
    doctor_item("listing", "not_checked", "an endpoint does not respond");
    assert_int_equal(app_calls("ListQueues"), 0);
}

/* What fails alike is said once. */
static void tells_endpoints_that_fail_alike_together(void **state)
{
    (void)state;
    app_setenv("AWS_ENDPOINT_URL_SQS", "http://sqs.invalid");
    app_setenv("AWS_ENDPOINT_URL_STS", "http://sts.invalid");
    app_expect(1, "", "doctor");
    doctor_item("endpoints", "failed",
                "2 endpoints (sts in us-east-1, sqs in us-east-1): could not resolve \xe2\x80\xa6: "
                "check the name");
    app_wrote("\"endpoints\":[\"sts in us-east-1\",\"sqs in us-east-1\"]");
}

static bool be_silent_to_calls(const struct peer_request *request)
{
    return strstr(request->text, "AmazonSQS.") != NULL;
}

/* The endpoint responds, but not to the call. */
static void tells_early_that_a_service_is_silent(void **state)
{
    int64_t begun = clock_mono_ms();
    (void)state;
    app_case.hook = be_silent_to_calls;
    app_setenv("AWS_MAX_ATTEMPTS", "1");
    app_setenv("SQS_QUEUE", APP_QUEUE);
    app_expect(1, "", "doctor");
    doctor_item("endpoints", "ok", "responds");
    doctor_item("queue", "failed", "SQS_QUEUE");
    assert_true(clock_mono_ms() - begun < 40000);
}

static bool be_a_proxy(const struct peer_request *request)
{
    if (strncmp(request->text, "GET / ", 6) != 0)
        return false;
    peer_send(request, "HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n");
    return true;
}

static void tells_an_endpoint_that_answers_oddly(void **state)
{
    (void)state;
    app_case.hook = be_a_proxy;
    app_expect(0, "", "doctor");
    doctor_item("endpoints", "warning", "returns status 503");
}

static void tells_destinations_that_are_gone(void **state)
{
    static const struct app_answer answers[] = {
        {"AmazonSQS.GetQueueAttributes", 400,
         "{\"__type\":\"com.amazonaws.sqs#QueueDoesNotExist\",\"message\":\"no such queue\"}"},
        {"Action=GetTopicAttributes", 404,
         "<ErrorResponse><Error><Code>NotFound</Code><Message>no such topic</Message></Error>"
         "</ErrorResponse>"},
        {"AWSEvents.DescribeEventBus", 400,
         "{\"__type\":\"ResourceNotFoundException\",\"message\":\"no such bus\"}"},
        {"DynamoDB_20120810.DescribeTable", 400,
         "{\"__type\":\"com.amazonaws.dynamodb#ResourceNotFoundException\",\"message\":\"none\"}"},
        REGIONS(REGION("us-east-1")),
        SIMULATION(BOTH("allowed", "")),
        {0}};
    (void)state;
    app_case.answers = answers;
    app_setenv("SQS_QUEUE", LINES);
    app_setenv("POLL_QUEUE", "arn:aws:sqs:us-east-1:" APP_ACCOUNT ":poll");
    app_setenv("NOTIFICATION_TOPIC", "arn:aws:sns:us-east-1:" APP_ACCOUNT ":topic");
    app_setenv("EVENT_BUS", "findings");
    app_setenv("STATE_TABLE", "state");
    app_expect(1, "", "doctor");
    doctor_item("queue", "failed", "SQS_QUEUE: " LINES ": sqs:GetQueueAttributes: no such queue");
    doctor_item("queue", "failed", "POLL_QUEUE: ");
    doctor_item("topic", "failed", "no such topic");
    doctor_item("bus", "failed", "EVENT_BUS: findings: events:DescribeEventBus: no such bus");
    doctor_item("table", "failed", "\"fix\":\"correct STATE_TABLE");
    assert_int_equal(app_calls("GetQueueAttributes"), 2);
}

/* A caller without these reads may still send. */
static void leaves_open_what_it_may_not_see(void **state)
{
    static const struct app_answer answers[] = {{"AmazonSQS.GetQueueAttributes", 403, DENIED_JSON},
                                                REGIONS(REGION("us-east-1")),
                                                SIMULATION(BOTH("allowed", "")),
                                                {0}};
    (void)state;
    app_case.answers = answers;
    app_setenv("SQS_QUEUE", LINES);
    app_expect(0, "", "doctor");
    doctor_item("queue", "not_checked", "sqs:GetQueueAttributes is refused");
    app_case.answers = doctor_healthy;
    app_expect(0, "", "doctor");
    doctor_item("queue", "ok", "SQS_QUEUE: " LINES " exists");
    assert_int_equal(app_calls("SendMessage"), 0);
}

static void tells_what_is_wrong_with_credentials(void **state)
{
    static const struct app_answer unknown[] = {
        {"Action=GetCallerIdentity", 403,
         "<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>no</Message></Error>"
         "</ErrorResponse>"},
        {0}};
    (void)state;
    app_case.answers = unknown;
    app_expect(1, "", "doctor");
    doctor_item("credentials", "ok", "from the environment");
    doctor_item("caller", "failed", "the access key is not known");
    doctor_item("accounts", "not_checked", "who the caller is");
    doctor_item("endpoints", "ok", "responds");
    app_setenv("AWS_ACCESS_KEY_ID", NULL);
    app_setenv("AWS_EC2_METADATA_DISABLED", "true");
    app_expect(1, "", "doctor");
    doctor_item("credentials", "failed", "no AWS credentials");
    doctor_item("caller", "not_checked", "there are no credentials");
}

static void tells_when_credentials_expire(void **state)
{
    char when[CLOCK_TEXT];
    (void)state;
    clock_rfc3339(clock_wall_ms() + 8 * 60 * 1000, when);
    char *text = mem_printf("{\"Version\":1,\"AccessKeyId\":\"AKIDEXAMPLE\",\"SecretAccessKey\":"
                            "\"secret\",\"Expiration\":\"%s\"}",
                            when);
    app_file("keys", text);
    mem_free(text);
    app_file("config", "[profile ops]\ncredential_process = cat keys\n");
    app_setenv("AWS_ACCESS_KEY_ID", NULL);
    app_setenv("AWS_CONFIG_FILE", "config");
    app_setenv("AWS_PROFILE", "ops");
    app_expect(0, "", "doctor");
    doctor_item("credentials", "warning", "from the profile \\\"ops\\\"; they expire in 7 minutes");
    clock_rfc3339(clock_wall_ms() + 3600 * 1000, when);
    text = mem_printf("{\"Version\":1,\"AccessKeyId\":\"AKIDEXAMPLE\",\"SecretAccessKey\":"
                      "\"secret\",\"Expiration\":\"%s\"}",
                      when);
    app_file("keys", text);
    mem_free(text);
    app_expect(0, "", "doctor");
    doctor_item("credentials", "ok", "they expire in 59 minutes");
}

static void tells_what_is_wrong_with_the_configuration(void **state)
{
    (void)state;
    app_file("rules", "{\"rules\":[{\"moon\":1}]}");
    app_expect(1, "", "doctor --exceptions rules");
    doctor_item("exceptions", "failed", "moon");
    doctor_item("listing", "ok", "1 type");
    app_file("rules", "{\"rules\":[]}");
    app_expect(0, "", "doctor --exceptions rules");
    doctor_item("exceptions", "ok", "rules");
    app_setenv("AWS_REGION", NULL);
    app_expect(1, "", "doctor");
    doctor_item("regions", "failed", "no region");
    app_setenv("AWS_REGION", "us-east-1");
    app_file("policies/queue.lua", "return policy {");
    app_expect(1, "", "doctor");
    doctor_item("policies", "failed", "queue.lua");
    app_setenv("ENGINE_MODELS", ".");
    app_expect(1, "", "doctor");
    doctor_item("models", "failed", "engine models");
}

static void refuses_what_is_no_set_up(void **state)
{
    (void)state;
    app_expect(EXIT_USAGE, "did you mean \"queue\"?", "doctor --types queues");
    app_expect(EXIT_USAGE, "engine doctor accepts only table and jsonl", "doctor --format csv");
    app_expect(EXIT_USAGE, "unexpected argument", "doctor all");
}

static void reads_the_organization(void **state)
{
    static const struct app_answer listed[] = {
        {"AWSOrganizationsV20161128.ListAccounts", 200,
         "{\"Accounts\":[{\"Id\":\"" APP_ACCOUNT "\",\"State\":\"ACTIVE\"},"
         "{\"Id\":\"222233334444\",\"State\":\"ACTIVE\"}]}"},
        {"AWSOrganizationsV20161128.DescribeOrganization", 200,
         "{\"Organization\":{\"Id\":\"o-abcdefghij\"}}"},
        {"DynamoDB_20120810.DescribeTable", 200, "{}"},
        REGIONS(REGION("us-east-1")),
        SIMULATION(BOTH("allowed", "")),
        ASSUMED,
        {0}};
    static const struct app_answer refused[] = {
        {"AWSOrganizationsV20161128.", 400, DENIED_JSON}, ASSUMED, {0}};
    (void)state;
    app_case.answers = listed;
    app_setenv("MEMBER_ROLE", "reader");
    app_setenv("ORGANIZATION_ACCOUNT", APP_ACCOUNT);
    app_expect(0, "", "doctor --accounts org");
    doctor_item("organization", "ok", "2 accounts, listed through " APP_ACCOUNT);
    app_wrote("\"account\":\"222233334444\"");
    /* The list is not put into the table, where other runs would find it. */
    app_setenv("STATE_TABLE", "state");
    app_expect(0, "STATE_TABLE: state exists", "doctor --accounts org");
    assert_int_equal(app_calls("GetItem") + app_calls("PutItem") + app_calls("UpdateItem"), 0);
    app_setenv("STATE_TABLE", NULL);
    app_case.answers = refused;
    app_expect(1, "", "doctor --accounts org");
    doctor_item("organization", "failed", "cannot be read");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, doctor_set_up, app_case_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(finds_nothing_missing),
        TEST(prints_a_list_for_people),
        TEST(tells_a_wrong_clock),
        TEST(tells_an_endpoint_that_does_not_answer),
        TEST(tells_endpoints_that_fail_alike_together),
        TEST(tells_early_that_a_service_is_silent),
        TEST(tells_an_endpoint_that_answers_oddly),
        TEST(tells_destinations_that_are_gone),
        TEST(leaves_open_what_it_may_not_see),
        TEST(tells_what_is_wrong_with_credentials),
        TEST(tells_when_credentials_expire),
        TEST(tells_what_is_wrong_with_the_configuration),
        TEST(refuses_what_is_no_set_up),
        TEST(reads_the_organization),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
