/* Accounts whose role cannot be assumed: one finding for each, whatever was to be audited there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/run_world.h"
#include "value/json.h"

#define ROLE "role arn:aws:iam::111122223333:role/member_remediator could not be assumed"
#define ERROR(kind, code, message)                                                                 \
    "{\"kind\":\"" kind "\",\"code\":\"" code "\",\"message\":\"" message                          \
    "\",\"operation\":\"sqs:GetQueueAttributes\",\"request_id\":\"r\"}"
#define REFUSED ERROR("credentials", "AccessDenied", "sqs:GetQueueAttributes: " ROLE)
#define UNKNOWN(check, error)                                                                      \
    "{\"id\":\"" check "\",\"status\":\"unknown\",\"fix\":\"none\",\"error\":" error "}"
#define NOT_ENTERED                                                                                \
    RUN_WORLD_OK("d", UNKNOWN("sqs.public", REFUSED) "," UNKNOWN("sqs.shared", REFUSED))
#define LINE(id)                                                                                   \
    "{\"account\":\"111122223333\",\"region\":\"us-east-1\",\"type\":\"sqs\",\"id\":\"" id "\"}\n"
#define PLACE(region, error)                                                                       \
    "{\"account\":\"111122223333\",\"region\":\"" region "\",\"type\":\"sqs\",\"error\":" error "}"
#define LISTS(failed)                                                                              \
    "{\"poll\":\"begin\",\"places\":2}\n{\"poll\":\"end\",\"failed\":[" failed "]}\n"

static const json_t *evidence(void)
{
    size_t i;
    json_t *finding;
    json_array_foreach (run_world.findings, i, finding) {
        if (strcmp(json_get_string(finding, "check", ""), "account.entered") == 0)
            return json_object_get(finding, "evidence");
    }
    fail_msg("no finding of account.entered");
    return NULL;
}

static void test_lines(void **state)
{
    (void)state;
    run_world_answer(NOT_ENTERED);
    run_world_lines(RUN_AUDIT, LINE("a") LINE("b") LINE("c"));
    assert_int_equal(run_world.status, 1);
    assert_int_equal(json_array_size(run_world.findings), 1);
    assert_string_equal(run_world_says("account.entered", "account"), "111122223333");
    assert_string_equal(run_world_says("account.entered", "status"), "unknown");
    assert_string_equal(run_world_says("account.entered", "severity"), "high");
    assert_string_equal(run_world_says("account.entered", "summary"),
                        "account 111122223333 cannot be entered (3 resources not audited): " ROLE);
    assert_int_equal(json_get_integer(evidence(), "resources", 0), 3);
    assert_int_equal(json_get_integer(json_object_get(evidence(), "types"), "sqs", 0), 3);
    assert_null(json_object_get(evidence(), "places"));
}

/* No finding of a resource precedes it, whatever was audited first; it says nothing that depends
 * on the call that was refused first. */
static void test_error_is_of_the_account(void **state)
{
    (void)state;
    run_world_answer(NOT_ENTERED);
    run_world_lines(RUN_AUDIT, LINE("a"));
    const json_t *error = json_object_get(json_array_get(run_world.findings, 0), "error");
    assert_string_equal(json_get_string(error, "message", ""), ROLE);
    assert_null(json_object_get(error, "request_id"));
    assert_null(json_object_get(error, "operation"));
}

static void test_places(void **state)
{
    (void)state;
    run_world_lines(RUN_AUDIT, LISTS(PLACE("us-east-1", REFUSED) "," PLACE("eu-west-1", REFUSED)));
    assert_int_equal(run_world.status, 1);
    assert_int_equal(json_array_size(run_world.findings), 1);
    assert_int_equal(json_get_integer(evidence(), "places", 0), 2);
    assert_non_null(strstr(run_world_says("account.entered", "summary"), "(2 places not listed)"));
}

/* The poller function sends one line for all places of the account. */
static void test_line_of_the_poller(void **state)
{
    (void)state;
    run_world_answer(NOT_ENTERED);
    run_world_lines(RUN_AUDIT,
                    "{\"account\":\"111122223333\",\"region\":\"us-east-1\",\"type\":"
                    "\"sqs\",\"id\":\"*\",\"places\":40,\"error\":" REFUSED "}\n" LINE("a"));
    assert_int_equal(json_array_size(run_world.findings), 1);
    assert_int_equal(json_get_integer(evidence(), "places", 0), 40);
    assert_int_equal(json_get_integer(evidence(), "resources", 0), 1);
}

/* Each keeps its own findings. */
static void expect_own(const char *outcome)
{
    run_world_answer(outcome);
    run_world_lines(RUN_AUDIT, LINE("a"));
    assert_int_equal(json_array_size(run_world.findings), 2);
    assert_string_equal(run_world_says("sqs.public", "status"), "unknown");
}

static void test_other_errors(void **state)
{
    (void)state;
    static const char *const outcomes[] = {
        RUN_WORLD_OK("d", UNKNOWN("sqs.public", REFUSED) "," RUN_WORLD_GOOD("sqs.shared")),
        RUN_WORLD_OK("d", UNKNOWN("sqs.public", ERROR("credentials", "Throttling",
                                                      ROLE)) "," RUN_WORLD_GOOD("sqs.shared")),
        RUN_WORLD_OK("d", UNKNOWN("sqs.public", ERROR("api", "AccessDenied",
                                                      ROLE)) "," RUN_WORLD_GOOD("sqs.shared")),
        RUN_WORLD_OK("d", UNKNOWN("sqs.public",
                                  ERROR("credentials", "AccessDenied",
                                        "role arn:aws:iam::999999999999:role/mine could not be "
                                        "assumed")) "," RUN_WORLD_GOOD("sqs.shared"))};
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++) {
        json_array_clear(run_world.outcomes);
        expect_own(outcomes[i]);
    }
}

/* One notification, however many resources there are, without a count that changes each time. */
static void test_notified_once(void **state)
{
    (void)state;
    run_world.settings.notification_topic = mem_strdup("arn:aws:sns:us-east-1:111122223333:t");
    run_world_answer(NOT_ENTERED);
    run_world_lines(RUN_AUDIT, LINE("a") LINE("b") LISTS(PLACE("us-east-1", REFUSED)) LINE("c"));
    mem_free(run_world.settings.notification_topic);
    assert_int_equal(fake_aws.count, 1);
    assert_non_null(strstr(fake_aws.requests[0].body, "account.entered"));
    assert_null(strstr(fake_aws.requests[0].body, "not%20audited"));
    assert_int_equal(json_get_integer(evidence(), "resources", 0), 3);
}

static struct fake_answer accept(const struct fake_request *request, size_t index)
{
    (void)request, (void)index;
    return fake_reply(200, "<PublishResponse><PublishResult><MessageId>m</MessageId>"
                           "</PublishResult></PublishResponse>");
}

static struct fake_answer refuse(const struct fake_request *request, size_t index)
{
    (void)request, (void)index;
    return fake_reply(403, "<ErrorResponse><Error><Code>AuthorizationError</Code></Error>"
                           "</ErrorResponse>");
}

static size_t again;

static void note_settled(void *arg, const struct resource *resource, bool comes_again)
{
    (void)arg, (void)resource;
    again += comes_again;
}

/* In Lambda every message of the account is delivered again if the finding was not notified. */
static void test_unnotified(void **state)
{
    (void)state;
    fake_aws.answer = refuse;
    run_world.settled = note_settled;
    run_world.settings.notification_topic = mem_strdup("arn:aws:sns:us-east-1:111122223333:t");
    run_world_answer(NOT_ENTERED);
    run_world_lines(RUN_AUDIT, LINE("a") LINE("b"));
    mem_free(run_world.settings.notification_topic);
    assert_int_equal(again, 2);
    assert_int_equal(fake_aws.count, 1);
}

static void test_notified(void **state)
{
    (void)state;
    again = 0;
    fake_aws.answer = accept;
    run_world.settled = note_settled;
    run_world.settings.notification_topic = mem_strdup("arn:aws:sns:us-east-1:111122223333:t");
    run_world_answer(NOT_ENTERED);
    run_world_lines(RUN_AUDIT, LINE("a") LINE("b"));
    mem_free(run_world.settings.notification_topic);
    assert_int_equal(again, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, run_world_set_up, run_world_tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_lines),        TEST(test_error_is_of_the_account),
        TEST(test_places),       TEST(test_line_of_the_poller),
        TEST(test_other_errors), TEST(test_notified_once),
        TEST(test_unnotified),   TEST(test_notified)};
    mem_install();
    return cmocka_run_group_tests_name("run entry", tests, NULL, NULL);
}
