/* What a run says on stderr about all of its resources: once, not for each of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/app_case.h"

#define LINE_OF(name)                                                                              \
    "{\"account\":\"" APP_ACCOUNT "\",\"region\":\"us-east-1\",\"type\":\"queue\","                \
    "\"id\":\"https://sqs.us-east-1.amazonaws.com/" APP_ACCOUNT "/" name "\"}\n"
#define THREE_LINES LINE_OF("a") LINE_OF("b") LINE_OF("c")

static size_t times_said(const char *part)
{
    size_t count = 0;
    for (const char *at = strstr(app_case.err, part); at != NULL; at = strstr(at + 1, part))
        count++;
    return count;
}

/* One cause that concerns every resource of an organization is one line. */
static void says_once_what_fails_for_each_resource(void **state)
{
    static const struct app_answer gone[] = {
        {"Action=Publish", 404,
         "<ErrorResponse><Error><Code>NotFound</Code><Message>no topic</Message></Error>"
         "</ErrorResponse>"},
        {"DynamoDB_20120810", 400,
         "{\"__type\":\"ResourceNotFoundException\",\"message\":\"no table\"}"},
        {0}};
    (void)state;
    app_case.answers = gone;
    app_setenv("NOTIFICATION_TOPIC", "arn:aws:sns:us-east-1:" APP_ACCOUNT ":topic");
    assert_int_equal(app_run(THREE_LINES, "remediate"), 1);
    assert_int_equal(times_said("a finding could not be notified: "), 1);
    app_wrote("2 more findings could not be notified: ");
    assert_int_equal(app_run(THREE_LINES, "remediate --log-level info"), 1);
    assert_int_equal(times_said("a finding could not be notified: "), 3);
    app_setenv("STATE_TABLE", "table");
    app_run(THREE_LINES, "remediate");
    assert_int_equal(times_said("STATE_TABLE cannot be read: "), 1);
}

/* A rule cannot match a finding of a run that audited nothing: its file was only checked. */
static void checks_rules_without_lines(void **state)
{
    (void)state;
    app_file("rules", "{\"rules\":[{\"id\":\"q\",\"reason\":\"a\",\"expires\":\"2999-01-01\"}]}");
    app_expect(0, "nothing was audited", "remediate --exceptions rules");
    assert_int_equal(times_said("matched no finding"), 0);
    assert_int_equal(app_run(THREE_LINES, "remediate --exceptions rules"), 2);
    assert_int_equal(times_said("matched no finding"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, app_case_set_up, app_case_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(says_once_what_fails_for_each_resource),
        TEST(checks_rules_without_lines),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
