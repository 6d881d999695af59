/* Message attributes, by which filter policies select: with the real client, and a topic of the
 * test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <stdio.h>
#include <cmocka.h>

#include "base/mem.h"
#include "notify/message.h"
#include "notify/message_finding.h"
#include "policy/finding.h"
#include "support/fake_aws.h"
#include "value/json.h"

#define PUBLISHED                                                                                  \
    "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>"          \
    "<MessageId>m-1</MessageId></PublishResult></PublishResponse>"

static struct settings settings;
static struct message *message;
static struct resource *resource;
static json_t *finding;
static int reported;

static struct fake_answer publish_well(const struct fake_request *request, size_t index)
{
    (void)request, (void)index;
    return fake_reply(200, PUBLISHED);
}

static int set_up(void **state)
{
    static char topic[] = "arn:aws:sns:eu-west-1:111122223333:findings";
    static char home[] = "us-east-1";
    fake_aws_set_up(state);
    fake_aws.answer = publish_well;
    settings = (struct settings){.notification_topic = topic, .master_region = home};
    message = message_new(fake_aws.client, fake_aws.provider, &settings);
    resource = resource_new("111122223333", "us-east-1", "sqs", "https://q/orders");
    finding =
        json_pack("{s:s, s:s, s:s, s:s, s:s}", "check", "sqs.public", "title", "Anyone may send",
                  "severity", "high", "status", "non_compliant", "remediation", "fixed");
    reported = 0;
    return 0;
}

static int tear_down(void **state)
{
    message_free(message);
    resource_free(resource);
    json_decref(finding);
    return fake_aws_tear_down(state);
}

static void on_done(void *arg, const struct err *err)
{
    (void)arg;
    assert_null(err);
    reported++;
}

static void notify(void)
{
    message_finding(message, resource, finding, on_done, NULL);
    fake_aws_run();
    assert_int_equal(reported, 1);
    assert_int_equal(fake_aws.count, 1);
}

static const char *sent(const char *field)
{
    return fake_form(&fake_aws.requests[0], field);
}

/* The value of a message attribute; "" if there is none. */
static const char *attribute(const char *name)
{
    char field[100];
    for (int i = 1; i < 10; i++) {
        snprintf(field, sizeof field, "MessageAttributes.entry.%d.Name", i);
        if (strcmp(sent(field), name) != 0)
            continue;
        snprintf(field, sizeof field, "MessageAttributes.entry.%d.Value.DataType", i);
        assert_string_equal(sent(field), "String");
        snprintf(field, sizeof field, "MessageAttributes.entry.%d.Value.StringValue", i);
        return sent(field);
    }
    return "";
}

static void test_attributes(void **state)
{
    (void)state;
    finding_set(finding, "remediation", "held");
    notify();
    assert_string_equal(attribute("account"), "111122223333");
    assert_string_equal(attribute("type"), "sqs");
    assert_string_equal(attribute("check"), "sqs.public");
    assert_string_equal(attribute("severity"), "high");
    assert_string_equal(attribute("status"), "non_compliant");
    assert_string_equal(attribute("remediation"), "held");
}

static void test_attributes_of_resolved_findings(void **state)
{
    (void)state;
    notify();
    assert_string_equal(attribute("status"), "resolved");
    assert_string_equal(attribute("remediation"), "fixed");
}

/* SNS refuses an empty value. */
static void test_attributes_that_are_empty(void **state)
{
    (void)state;
    finding_set(finding, "severity", "");
    notify();
    assert_string_equal(attribute("severity"), "");
    assert_string_equal(attribute("check"), "sqs.public");
    assert_null(strstr(fake_aws.requests[0].body, "=severity"));
}

static void test_resolved(void **state)
{
    (void)state;
    finding_set(finding, "status", "compliant");
    finding_set(finding, "remediation", "none");
    notify();
    assert_non_null(strstr(sent("Subject"), "[resolved] high sqs.public"));
    assert_string_equal(attribute("status"), "resolved");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        TEST(test_attributes),
        TEST(test_attributes_of_resolved_findings),
        TEST(test_attributes_that_are_empty),
        TEST(test_resolved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
