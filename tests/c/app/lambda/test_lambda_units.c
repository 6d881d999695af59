/* A batch of places to list, from the poller's own queue: what happens to each message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/lambda/lambda_invoke.h"
#include "app/lambda/lambda_poll.h"
#include "app/lambda/lambda_units.h"
#include "base/mem.h"
#include "support/lambda_world.h"
#include "value/json.h"

#define PLACE(region, attempt)                                                                     \
    "{\"type\":\"poll\",\"account\":\"" LAMBDA_OWN "\",\"region\":\"" region                       \
    "\",\"resource_type\":\"sqs\",\"attempt\":" attempt "}"
#define LINE(region)                                                                               \
    "{\"account\":\"" LAMBDA_OWN "\",\"region\":\"" region "\",\"type\":\"sqs\",\"id\":\"q\"} 0\n"

static struct invocation invocation;

/* A batch of up to three messages "a", "b" and "c". */
static void begin(const char *first, const char *second, const char *third)
{
    const char *bodies[] = {first, second, third};
    static const char *const ids[] = {"a", "b", "c"};
    json_t *records = json_array();
    for (size_t i = 0; i < 3 && bodies[i] != NULL; i++)
        json_array_append_new(records,
                              json_pack("{s:s, s:s}", "messageId", ids[i], "body", bodies[i]));
    invocation = (struct invocation){.services = &lambda_world.services,
                                     .handler = &lambda_poll_units,
                                     .input = json_pack("{s:o}", "Records", records)};
    lambda_start(&invocation);
    assert_non_null(invocation.own);
}

/* Ends the batch: which messages come again, and what the two queues received. */
static void expect_end(const char *again, const char *handed_on, const char *lines)
{
    size_t i;
    json_t *failure;
    char ids[4] = "";
    fake_aws_run();
    lambda_finish(&invocation);
    json_array_foreach (json_object_get(invocation.reply, "batchItemFailures"), i, failure)
        ids[i] = json_get_string(failure, "itemIdentifier", "")[0];
    char *polls = lambda_world_sent(LAMBDA_POLL_QUEUE);
    char *found = lambda_world_sent(LAMBDA_LINES_QUEUE);
    assert_string_equal(ids, again);
    assert_string_equal(polls, handed_on);
    assert_string_equal(found, lines);
    mem_free(polls);
    mem_free(found);
    json_decref(invocation.reply);
    json_decref(invocation.input);
}

static void fail_with(enum err_kind kind, const char *code)
{
    lambda_world.failure = kind;
    lambda_world.code = code;
}

static void lists_each_place_once(void **state)
{
    (void)state;
    begin(PLACE("us-east-1", "0"), PLACE("us-west-2", "3"), PLACE("us-east-1", "1"));
    expect_end("", "", LINE("us-east-1") LINE("us-west-2"));
    assert_int_equal(lambda_world.discoveries, 2);
}

static void leaves_what_it_cannot_read(void **state)
{
    (void)state;
    begin("{", "{\"type\":\"poll\",\"account\":\"1\",\"region\":\"r\",\"resource_type\":\"sqs\"}",
          "{\"type\":\"poll\",\"account\":\"" LAMBDA_OWN
          "\",\"region\":\"us-east-1\",\"resource_type\":\"moon\"}");
    expect_end("abc", "", "");
}

static void refuses_what_is_not_a_batch(void **state)
{
    (void)state;
    invocation = (struct invocation){.services = &lambda_world.services,
                                     .handler = &lambda_poll_units,
                                     .input = json_pack("{s:[{s:s}]}", "Records", "body", "x")};
    lambda_start(&invocation);
    assert_null(invocation.own);
    assert_int_equal(invocation.err.kind, ERR_PARSE);
    json_decref(invocation.input);
}

/* 30 s, doubled with each attempt, at most 900 s. */
static void requeues_after_a_temporary_failure(void **state)
{
    (void)state;
    fail_with(ERR_NET, "");
    begin(PLACE("us-east-1", "0"), PLACE("us-west-2", "2"), PLACE("eu-west-1", "9"));
    expect_end("",
               PLACE("us-east-1", "1") " 30\n" PLACE("us-west-2", "3") " 120\n" PLACE(
                   "eu-west-1", "10") " 900\n",
               "");
}

/* After the last attempt, it becomes a line for a finding. */
static void requeues_at_most_twelve_times(void **state)
{
    (void)state;
    fail_with(ERR_NET, "");
    begin(PLACE("us-east-1", "12"), NULL, NULL);
    expect_end("", "",
               "{\"account\":\"" LAMBDA_OWN "\",\"region\":\"us-east-1\",\"type\":\"sqs\","
               "\"id\":\"*\",\"error\":{\"kind\":\"network\",\"message\":\"sqs:ListQueues failed\","
               "\"transient\":true}} 0\n");
}

/* A refusal is permanent: it becomes a line for a finding. */
static void reports_what_is_refused(void **state)
{
    (void)state;
    fail_with(ERR_DENIED, "AccessDenied");
    begin(PLACE("us-east-1", "0"), NULL, NULL);
    expect_end("", "",
               "{\"account\":\"" LAMBDA_OWN "\",\"region\":\"us-east-1\",\"type\":\"sqs\","
               "\"id\":\"*\",\"error\":{\"kind\":\"denied\",\"code\":\"AccessDenied\",\"message\":"
               "\"sqs:ListQueues failed\"}} 0\n");
}

/* Nothing can be requeued: the message itself comes again. */
static void keeps_what_no_queue_accepts(void **state)
{
    (void)state;
    fail_with(ERR_NET, "");
    lambda_world.services.settings.poll_queue = NULL;
    begin(PLACE("us-east-1", "0"), NULL, NULL);
    expect_end("a", "", "");
}

static void spreads_accounts(void **state)
{
    (void)state;
    begin("{\"type\":\"poll-accounts\",\"accounts\":[\"" LAMBDA_OWN "\"]}",
          "{\"type\":\"poll-accounts\",\"accounts\":[\"x\"]}", NULL);
    expect_end("b", PLACE("us-east-1", "0") " 0\n" PLACE("us-west-2", "0") " 0\n", "");
}

#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, lambda_world_set_up, lambda_world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lists_each_place_once),         TEST(leaves_what_it_cannot_read),
        TEST(refuses_what_is_not_a_batch),   TEST(requeues_after_a_temporary_failure),
        TEST(requeues_at_most_twelve_times), TEST(reports_what_is_refused),
        TEST(keeps_what_no_queue_accepts),   TEST(spreads_accounts),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
