/* --regions all: the regions that each account has enabled, in an AWS that the test plays. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/cli/app.h"
#include "base/mem.h"
#include "support/doctor_case.h"

#define OTHER "222233334444"
#define ITEM(name, status)                                                                         \
    "<item><optInStatus>" status "</optInStatus><regionName>" name "</regionName></item>"
/* EC2 API Reference, DescribeRegions: the regions are in no particular order. ap-east-1 is there
 * although it is not enabled. */
#define TWO_ENABLED                                                                                \
    ITEM("us-east-1", "opt-in-not-required")                                                       \
    ITEM("ap-east-1", "not-opted-in") ITEM("af-south-1", "opted-in")

static void play(const struct app_answer *answers)
{
    app_case.answers = answers;
    app_case.hook = NULL;
}

static void lists_the_enabled_regions(void **state)
{
    static const struct app_answer answers[] = {REGIONS(TWO_ENABLED), {0}};
    (void)state;
    play(answers);
    app_expect(0, "{\"poll\":\"begin\",\"places\":2}", "poll --regions all");
    app_wrote("\"region\":\"us-east-1\"");
    app_wrote("\"region\":\"af-south-1\"");
    assert_null(strstr(app_case.out, "ap-east-1"));
    assert_int_equal(app_calls("DescribeRegions"), 1);
    app_setenv("REGIONS", "all");
    app_expect(2, "\"region\":\"af-south-1\"", "scan");
    app_expect(2, "\"region\":\"us-east-1\"", "scan --regions us-east-1");
    assert_null(strstr(app_case.out, "af-south-1"));
    assert_int_equal(app_calls("DescribeRegions"), 0);
}

/* A region that no words named must not be left out in silence. */
static void tells_that_the_regions_are_not_known(void **state)
{
    static const struct app_answer refused[] = {
        {"Action=DescribeRegions", 403,
         "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not "
         "authorized to perform this operation.</Message></Error></Errors></Response>"},
        {0}};
    static const struct app_answer none[] = {REGIONS(""), {0}};
    (void)state;
    play(refused);
    app_expect(1, "\"check\":\"queue.listed\"", "scan --regions all");
    app_wrote("the regions that are enabled in the account cannot be listed");
    app_wrote("UnauthorizedOperation");
    assert_int_equal(app_calls("ListQueues"), 0);
    app_expect(1, "\"failed\":[{\"account\":\"" APP_ACCOUNT "\",\"region\":\"us-east-1\"",
               "poll --regions all");
    play(none);
    app_expect(1, "returned no region", "scan --regions all");
    assert_int_equal(app_calls("ListQueues"), 0);
    app_setenv("MEMBER_ROLE", "none");
    app_expect(1, "is not the caller's own", "scan --regions all --accounts " OTHER);
    assert_int_equal(app_calls("DescribeRegions"), 0);
}

static bool send_xml(const struct peer_request *request, const char *body)
{
    char *text = mem_printf("HTTP/1.1 200 X\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
    peer_send(request, text);
    mem_free(text);
    return true;
}

#define SESSION(key)                                                                               \
    "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>" key                         \
    "</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>"    \
    "<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult>"               \
    "</AssumeRoleResponse>"

/* Two accounts, each with keys and regions of its own. */
static bool play_two(const struct peer_request *request)
{
    bool other = strstr(request->text, OTHER) != NULL || strstr(request->text, "ASIATWO") != NULL;
    if (strstr(request->text, "Action=AssumeRole") != NULL)
        return send_xml(request, other ? SESSION("ASIATWO") : SESSION("ASIAONE"));
    if (strstr(request->text, "Action=DescribeRegions") == NULL)
        return false;
    return send_xml(request, other ? "<DescribeRegionsResponse><regionInfo>" REGION(
                                         "eu-west-1") "</regionInfo></DescribeRegionsResponse>"
                                   : "<DescribeRegionsResponse><regionInfo>" REGION(
                                         "us-east-1") "</regionInfo></DescribeRegionsResponse>");
}

static void lists_those_of_each_account(void **state)
{
    static const struct app_answer no_queues[] = {{"AmazonSQS.ListQueues", 200, "{}"}, {0}};
    (void)state;
    play(no_queues);
    app_case.hook = play_two;
    app_setenv("MEMBER_ROLE", "reader");
    app_expect(0, "no resources found in 2 places",
               "scan --regions all --accounts " APP_ACCOUNT "," OTHER);
    app_case.answers = NULL;
    app_expect(0, "\"account\":\"" APP_ACCOUNT "\",\"region\":\"us-east-1\"",
               "poll --regions all --accounts " APP_ACCOUNT "," OTHER);
    app_wrote("\"account\":\"" OTHER "\",\"region\":\"eu-west-1\"");
}

/* The answer never comes. */
static bool interrupt(const struct peer_request *request)
{
    if (strstr(request->text, "Action=DescribeRegions") == NULL)
        return false;
    kill(app_case.pid, SIGINT);
    return true;
}

static void stops_while_it_asks(void **state)
{
    (void)state;
    play(NULL);
    app_case.hook = interrupt;
    app_expect(1, "stopping after work in progress", "scan --regions all");
    assert_int_equal(app_calls("ListQueues"), 0);
}

static void replays_the_enabled_regions(void **state)
{
    static const struct app_answer answers[] = {REGIONS(TWO_ENABLED), {0}};
    (void)state;
    play(answers);
    app_expect(2, "\"region\":\"af-south-1\"", "scan --regions all --record tape");
    char *recorded = mem_strdup(app_case.out);
    app_expect(2, "\"region\":\"af-south-1\"", "scan --regions all --replay tape");
    assert_string_equal(app_case.asked, "");
    assert_int_equal(strlen(app_case.out), strlen(recorded));
    mem_free(recorded);
}

static void refuses_all_beside_a_region(void **state)
{
    (void)state;
    play(NULL);
    app_expect(EXIT_USAGE, "name either all or regions", "scan --regions all,us-east-1");
    app_expect(EXIT_USAGE, "'al' is not a region such as 'us-east-1', or all", "scan --regions al");
    assert_string_equal(app_case.asked, "");
}

static void checks_the_enabled_regions(void **state)
{
    static const struct app_answer refused[] = {
        {"Action=DescribeRegions", 403, DENIED_XML}, SIMULATION(BOTH("allowed", "")), {0}};
    static const struct app_answer answers[] = {
        REGIONS(TWO_ENABLED), SIMULATION(BOTH("allowed", "")), {0}};
    (void)state;
    app_case.answers = answers;
    app_expect(0, "", "doctor --regions all");
    doctor_item("listing", "ok", "can be listed in af-south-1, us-east-1");
    app_wrote("\"regions\":[\"af-south-1\",\"us-east-1\"]");
    app_case.answers = refused;
    app_expect(1, "", "doctor --regions all");
    doctor_item("regions", "failed", "ec2:DescribeRegions is refused");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, doctor_set_up, app_case_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(lists_the_enabled_regions),   CASE(tells_that_the_regions_are_not_known),
        CASE(lists_those_of_each_account), CASE(stops_while_it_asks),
        CASE(replays_the_enabled_regions), CASE(refuses_all_beside_a_region),
        CASE(checks_the_enabled_regions),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
