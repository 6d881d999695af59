/* A function reads its exception rules again after some minutes, and once a minute while they
 * cannot be read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/services/services_rules.h"
#include "base/clock.h"
#include "base/mem.h"
#include "exceptions/exceptions.h"
#include "support/lambda_world.h"

#define MINUTE_MS 60000

static int64_t now_ms;
static const char *value; /* NULL: refused */
static char home[] = "us-east-1";
static char name[] = "ssm:/engine/rules";

static int64_t wall_clock(void)
{
    return now_ms;
}

/* The function is frozen between two messages. */
static int64_t frozen_clock(void)
{
    return 1000;
}

static struct fake_answer reply(const struct fake_request *request, size_t index)
{
    (void)index;
    assert_string_equal(request->target, "AmazonSSM.GetParameter");
    if (value == NULL)
        return fake_reply(400, "{\"__type\":\"AccessDeniedException\"}");
    char *body = mem_printf("{\"Parameter\":{\"Type\":\"String\",\"Value\":\"%s\"}}", value);
    struct fake_answer answer = fake_reply(200, body);
    mem_free(body);
    return answer;
}

static int set_up(void **state)
{
    lambda_world_set_up(state);
    now_ms = 1796083200000; /* 2026-12-01 */
    clock_replace(wall_clock, frozen_clock);
    fake_aws.answer = reply;
    run_world.settings.region = home;
    lambda_world.services.settings.exceptions = name;
    lambda_world.services.in_function = true;
    return 0;
}

static int tear_down(void **state)
{
    services_rules_free(lambda_world.services.rules);
    run_world.settings.region = NULL;
    lambda_world.services.settings.exceptions = NULL;
    return lambda_world_tear_down(state);
}

static struct exceptions_text read_rules(void)
{
    struct exceptions_text text;
    services_rules_read(&lambda_world.services, &text);
    return text;
}

static void expect(const char *bytes, size_t requests)
{
    const struct exceptions_text text = read_rules();
    assert_string_equal(text.unread != NULL ? text.unread->message : "", "");
    assert_string_equal(text.bytes, bytes);
    assert_int_equal(text.length, strlen(bytes));
    assert_int_equal(fake_aws.count, requests);
}

static void are_read_again_after_five_minutes(void **state)
{
    (void)state;
    value = "one";
    expect("one", 1);
    value = "two";
    now_ms += 5 * MINUTE_MS - 1;
    expect("one", 1);
    now_ms += 1;
    expect("two", 2);
    now_ms -= 1; /* the clock was put back: the age is not known */
    expect("two", 3);
}

static void expect_unread(const char *part, size_t requests)
{
    const struct exceptions_text text = read_rules();
    assert_non_null(text.unread);
    assert_non_null(strstr(text.unread->message, part));
    assert_int_equal(fake_aws.count, requests);
}

/* Old rules are not used any more: what they leave alone may have changed. */
static void are_asked_once_a_minute_if_they_are_refused(void **state)
{
    (void)state;
    value = "one";
    expect("one", 1);
    value = NULL;
    now_ms += 5 * MINUTE_MS;
    expect_unread("ssm:/engine/rules cannot be read: ", 2);
    expect_unread("AccessDeniedException", 2);
    value = "two";
    now_ms += MINUTE_MS;
    expect("two", 3);
}

static void have_a_wrong_name(void **state)
{
    static char wrong[] = "ssm:/a b";
    (void)state;
    lambda_world.services.settings.exceptions = wrong;
    expect_unread("is not a parameter", 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {TEST(are_read_again_after_five_minutes),
                                              TEST(are_asked_once_a_minute_if_they_are_refused),
                                              TEST(have_a_wrong_name)};
    mem_install();
    return cmocka_run_group_tests_name("rules of a function", tests, NULL, NULL);
}
