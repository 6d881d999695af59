/* How the poller sends what must be polled: accounts as messages for their places, the organization
 * as messages for accounts, and the rest as messages for another invocation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
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
    spread_stop(spread);
    expect_end(spread, "{\"places\":0,\"left\":true}",
               "{\"accounts\":[\"" LAMBDA_OWN "\",\"" LAMBDA_OTHER "\"],\"attempt\":0,"
               "\"type\":\"poll-accounts\"} 0\n");
    lambda_world_poll("org", NULL);
    spread = open_spread(NULL);
    spread_stop(spread);
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
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
