/* How the poller sends what must be polled: accounts as messages for their places, the organization
 * as messages for accounts, and the rest as messages for another invocation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/lambda/lambda_spread.h"
#include "base/mem.h"
#include "support/lambda_world.h"
#include "value/json.h"

#define PLACE(account, region)                                                                     \
    "{\"type\":\"poll\",\"account\":\"" account "\",\"region\":\"" region                          \
    "\",\"resource_type\":\"sqs\",\"attempt\":0} 0\n"
#define PAGE(...) "{\"Accounts\":[" __VA_ARGS__ "]"
#define ACCOUNT(id) "{\"Id\":\"" id "\",\"Status\":\"ACTIVE\",\"State\":\"ACTIVE\"}"

static int ends;
static struct err ended;

static void on_done(void *arg, const struct err *err)
{
    (void)arg;
    ends++;
    ended = err != NULL ? *err : (struct err){0};
}

static struct spread *open_spread(const char *message)
{
    struct err err = {0};
    json_t *value = message != NULL ? json_loads(message, 0, NULL) : NULL;
    struct spread *spread = spread_new(&lambda_world.services, value, &err, on_done, NULL);
    if (spread == NULL)
        fail_msg("%s", err.message);
    json_decref(value);
    ends = 0;
    return spread;
}

/* When it is done: its answer, and what the queue received. */
static void expect_end(struct spread *spread, const char *tally, const char *sent)
{
    fake_aws_run();
    assert_int_equal(ends, 1);
    json_t *reported = spread_tally(spread);
    char *text = json_text(reported), *messages = lambda_world_sent(LAMBDA_POLL_QUEUE);
    assert_string_equal(text, tally);
    assert_string_equal(messages, sent);
    mem_free(text);
    mem_free(messages);
    json_decref(reported);
    spread_free(spread);
}

static void sends_each_place(void **state)
{
    (void)state;
    struct spread *spread = open_spread(NULL);
    spread_start(spread);
    expect_end(spread, "{\"places\":4}",
               PLACE(LAMBDA_OWN, "us-east-1") PLACE(LAMBDA_OWN, "us-west-2")
                   PLACE(LAMBDA_OTHER, "us-east-1") PLACE(LAMBDA_OTHER, "us-west-2"));
    assert_int_equal(ended.kind, ERR_NONE);
}

static void polls_the_caller_if_no_account_is_named(void **state)
{
    (void)state;
    lambda_world.services.settings.accounts.count = 0;
    struct spread *spread = open_spread(NULL);
    spread_start(spread);
    expect_end(spread, "{\"places\":2}",
               PLACE(LAMBDA_OWN, "us-east-1") PLACE(LAMBDA_OWN, "us-west-2"));
}

static void sends_places_of_accounts_in_a_message(void **state)
{
    (void)state;
    struct spread *spread =
        open_spread("{\"type\":\"poll-accounts\",\"accounts\":[\"" LAMBDA_OTHER "\"]}");
    spread_start(spread);
    expect_end(spread, "{\"places\":2}",
               PLACE(LAMBDA_OTHER, "us-east-1") PLACE(LAMBDA_OTHER, "us-west-2"));
}

static void sends_the_organization_page_by_page(void **state)
{
    (void)state;
    lambda_world.accounts =
        PAGE(ACCOUNT(LAMBDA_OWN) "," ACCOUNT(LAMBDA_OTHER) "," ACCOUNT("333344445555")) "}";
    lambda_world_poll("org", "!" LAMBDA_OTHER);
    struct spread *spread = open_spread(NULL);
    spread_start(spread);
    expect_end(spread, "{\"places\":0,\"accounts\":2}",
               "{\"accounts\":[\"" LAMBDA_OWN "\",\"333344445555\"],\"attempt\":0,"
               "\"type\":\"poll-accounts\"} 0\n");
}

static void sends_what_it_has_no_time_for(void **state)
{
    (void)state;
    struct spread *spread = open_spread(NULL);
    spread_stop(spread, INT64_MAX);
    expect_end(spread, "{\"places\":0,\"left\":true}",
               "{\"accounts\":[\"" LAMBDA_OWN "\",\"" LAMBDA_OTHER "\"],\"attempt\":0,"
               "\"type\":\"poll-accounts\"} 0\n");
    lambda_world_poll("org", NULL);
    spread = open_spread(NULL);
    spread_stop(spread, INT64_MAX);
    fake_aws_run();
    char *messages = lambda_world_sent(LAMBDA_POLL_QUEUE);
    assert_non_null(strstr(messages, "\n{\"parents\":[\"\"],\"units\":[\"\"],\"inner\":false,"
                                     "\"attempt\":0,\"type\":\"poll-accounts\"} 0\n"));
    mem_free(messages);
    spread_free(spread);
}

/* A temporary failure counts as an attempt of the listing; a permanent one is reported. */
static void tries_a_listing_again(void **state)
{
    (void)state;
    lambda_world.accounts = "{\"__type\":\"ServiceException\",\"Message\":\"try again\"}";
    lambda_world.accounts_status = 500;
    lambda_world_poll("org", NULL);
    struct spread *spread = open_spread(NULL);
    spread_start(spread);
    fake_aws_run();
    assert_int_equal(ends, 1);
    assert_int_equal(ended.kind, ERR_NONE);
    char *messages = lambda_world_sent(LAMBDA_POLL_QUEUE);
    assert_non_null(strstr(messages, "\"attempt\":1"));
    assert_non_null(strstr(messages, "} 60\n")); /* 30 s, doubled with each attempt */
    mem_free(messages);
    spread_free(spread);
}

static void reports_that_a_listing_was_refused(void **state)
{
    (void)state;
    lambda_world.accounts = "{\"__type\":\"AccessDeniedException\",\"Message\":\"no\"}";
    lambda_world.accounts_status = 400;
    lambda_world_poll("org", NULL);
    struct spread *spread = open_spread(NULL);
    spread_start(spread);
    expect_end(spread, "{\"places\":0,\"accounts\":0}", "");
    assert_string_equal(ended.code, "AccessDeniedException");
}

static void refuses_malformed_messages(void **state)
{
    static const struct {
        const char *message, *why;
    } cases[] = {
        {"{\"accounts\":[\"1\"]}", "\"accounts\" must contain account ids"},
        {"{\"accounts\":[7]}", "\"accounts\" must contain account ids"},
        {"{\"attempt\":13}", "\"attempt\" must be 0 to 12"},
        {"{\"attempt\":-1}", "\"attempt\" must be 0 to 12"},
        {"{\"parents\":[\"ou-ab12-cdefghij\"]}", "ACCOUNTS no longer names an organization"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err err = {0};
        json_t *message = json_loads(cases[i].message, 0, NULL);
        assert_null(spread_new(&lambda_world.services, message, &err, on_done, NULL));
        assert_string_equal(err.message, cases[i].why);
        assert_int_equal(err.kind, ERR_PARSE);
        json_decref(message);
    }
    struct err err = {0};
    lambda_world.services.settings.poll_queue = NULL;
    assert_null(spread_new(&lambda_world.services, NULL, &err, on_done, NULL));
    assert_string_equal(err.message, "POLL_QUEUE is not set, so nothing can be sent to it");
}

/* ---- REGIONS=all ---- */

#define ONE_ACCOUNT(id, attempt)                                                                   \
    "{\"type\":\"poll-accounts\",\"accounts\":[\"" id "\"],\"attempt\":" attempt "}"
#define REGION(name) "<item><regionName>" name "</regionName></item>"
#define EC2_ERROR(code)                                                                            \
    "<Response><Errors><Error><Code>" code "</Code><Message>no</Message></Error></Errors>"         \
    "</Response>"

static struct spread *open_all_regions(const char *message, int status, const char *regions)
{
    lambda_world.services.settings.all_regions = true;
    lambda_world.services.settings.regions.count = 0;
    lambda_world.regions_status = status;
    lambda_world.regions = regions;
    return open_spread(message);
}

static void expect_lines(const char *sent)
{
    char *lines = lambda_world_sent(LAMBDA_LINES_QUEUE);
    assert_string_equal(lines, sent);
    mem_free(lines);
}

static void sends_each_account_alone(void **state)
{
    (void)state;
    struct spread *spread = open_all_regions(NULL, 500, "");
    spread_start(spread);
    expect_end(spread, "{\"places\":0,\"accounts\":2}",
               ONE_ACCOUNT(LAMBDA_OWN, "0") " 0\n" ONE_ACCOUNT(LAMBDA_OTHER, "0") " 0\n");
    spread = open_all_regions("{\"type\":\"poll-accounts\",\"accounts\":[\"" LAMBDA_OWN
                              "\",\"" LAMBDA_OTHER "\"]}",
                              500, "");
    spread_start(spread);
    fake_aws_run();
    assert_int_equal(ended.kind, ERR_NONE);
    spread_free(spread);
}

static void asks_an_account_for_its_regions(void **state)
{
    (void)state;
    struct spread *spread = open_all_regions(
        ONE_ACCOUNT(LAMBDA_OTHER, "0"), 200,
        "<DescribeRegionsResponse><regionInfo>" REGION("us-east-1")
            REGION("af-south-1") "<item><regionName>ap-east-1</"
                                 "regionName><optInStatus>not-opted-in</optInStatus></item>"
                                 "</regionInfo></DescribeRegionsResponse>");
    spread_start(spread);
    expect_end(spread, "{\"places\":2,\"accounts\":0}",
               PLACE(LAMBDA_OTHER, "af-south-1") PLACE(LAMBDA_OTHER, "us-east-1"));
    assert_int_equal(ended.kind, ERR_NONE);
    expect_lines("");
}

static void asks_an_account_again_later(void **state)
{
    (void)state;
    struct spread *spread =
        open_all_regions(ONE_ACCOUNT(LAMBDA_OTHER, "1"), 503, EC2_ERROR("Unavailable"));
    spread_start(spread);
    expect_end(spread, "{\"places\":0,\"accounts\":0}", ONE_ACCOUNT(LAMBDA_OTHER, "2") " 60\n");
    assert_int_equal(ended.kind, ERR_NONE);
    expect_lines("");
}

#define NOT_LISTED "\",\"region\":\"us-east-1\",\"type\":\"sqs\",\"id\":\"*\",\"error\":{"

/* The type has no region then: a finding says so, and the message is done. */
static void reports_an_account_that_refuses(void **state)
{
    static const struct {
        const char *message, *code;
        int status;
    } cases[] = {
        {ONE_ACCOUNT(LAMBDA_OTHER, "0"), "UnauthorizedOperation", 403},
        {ONE_ACCOUNT(LAMBDA_OTHER, "12"), "Unavailable", 503},
    };
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        char body[256];
        snprintf(body, sizeof body, EC2_ERROR("%s"), cases[i].code);
        struct spread *spread = open_all_regions(cases[i].message, cases[i].status, body);
        spread_start(spread);
        expect_end(spread, "{\"places\":0,\"accounts\":0}", "");
        assert_int_equal(ended.kind, ERR_NONE);
        char *lines = lambda_world_sent(LAMBDA_LINES_QUEUE);
        assert_non_null(strstr(lines, "{\"account\":\"" LAMBDA_OTHER NOT_LISTED));
        assert_non_null(strstr(lines, cases[i].code));
        mem_free(lines);
    }
}

/* A response that comes when the time is nearly over still counts. */
static void waits_for_the_response_of_an_account(void **state)
{
    (void)state;
    struct spread *spread =
        open_all_regions(ONE_ACCOUNT(LAMBDA_OTHER, "3"), 200,
                         "<DescribeRegionsResponse><regionInfo>" REGION(
                             "us-east-1") "</regionInfo></DescribeRegionsResponse>");
    spread_start(spread);
    spread_stop(spread, INT64_MAX);
    expect_end(spread, "{\"places\":1,\"accounts\":0}", PLACE(LAMBDA_OTHER, "us-east-1"));
}

/* The invocation is cut: the message comes again. */
static void ends_before_an_account_responds(void **state)
{
    (void)state;
    struct spread *spread = open_all_regions(ONE_ACCOUNT(LAMBDA_OTHER, "3"), 200, "");
    spread_start(spread);
    spread_free(spread);
    fake_aws_run();
    assert_int_equal(ends, 0);
    assert_int_equal(fake_aws.count, 0);
}

static void keeps_the_attempts_of_an_account(void **state)
{
    (void)state;
    struct spread *spread = open_all_regions(ONE_ACCOUNT(LAMBDA_OTHER, "3"), 200, "");
    spread_stop(spread, INT64_MAX); /* before it started */
    fake_aws_run();
    char *messages = lambda_world_sent(LAMBDA_POLL_QUEUE);
    assert_non_null(strstr(messages, "\"attempt\":3"));
    mem_free(messages);
    spread_free(spread);
}

#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, lambda_world_set_up, lambda_world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sends_each_place),
        TEST(polls_the_caller_if_no_account_is_named),
        TEST(sends_places_of_accounts_in_a_message),
        TEST(sends_the_organization_page_by_page),
        TEST(sends_what_it_has_no_time_for),
        TEST(tries_a_listing_again),
        TEST(reports_that_a_listing_was_refused),
        TEST(refuses_malformed_messages),
        TEST(sends_each_account_alone),
        TEST(asks_an_account_for_its_regions),
        TEST(asks_an_account_again_later),
        TEST(reports_an_account_that_refuses),
        TEST(waits_for_the_response_of_an_account),
        TEST(ends_before_an_account_responds),
        TEST(keeps_the_attempts_of_an_account),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
