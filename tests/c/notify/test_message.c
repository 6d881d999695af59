/* Findings to SNS, and who the caller is: with the real client, and a service of the test. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <stdio.h>
#include <cmocka.h>

#include "base/mem.h"
#include "notify/message.h"
#include "notify/message_finding.h"
#include "policy/finding.h"
#include "support/fake_aws.h"
#include "value/json.h"

#define TOPIC "arn:aws:sns:eu-west-1:111122223333:findings"
#define PUBLISHED                                                                                  \
    "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>"          \
    "<MessageId>m-1</MessageId></PublishResult></PublishResponse>"
#define CALLER                                                                                     \
    "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"              \
    "<GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/me</Arn>"                        \
    "<Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
#define REFUSED                                                                                    \
    "<ErrorResponse><Error><Type>Sender</Type><Code>AuthorizationError</Code>"                     \
    "<Message>no sns:Publish</Message></Error></ErrorResponse>"

static struct settings settings;
static struct message *message;
static struct resource *resource;
static json_t *finding;
static int reported;
static struct err reported_err;

static struct fake_answer publish_well(const struct fake_request *request, size_t index)
{
    (void)request, (void)index;
    return fake_reply(200, PUBLISHED);
}

static struct fake_answer refuse(const struct fake_request *request, size_t index)
{
    (void)request, (void)index;
    return fake_reply(403, REFUSED);
}

static struct fake_answer name_caller(const struct fake_request *request, size_t index)
{
    (void)request, (void)index;
    return fake_reply(200, CALLER);
}

static int set_up(void **state)
{
    fake_aws_set_up(state);
    fake_aws.answer = publish_well;
    settings = (struct settings){0};
    settings.notification_topic = mem_strdup(TOPIC);
    settings.master_region = mem_strdup("us-east-1");
    message = message_new(fake_aws.client, fake_aws.provider, &settings);
    resource = resource_new("111122223333", "us-east-1", "sqs", "https://q/orders");
    json_object_set_new(resource->line, "cause", json_string("event"));
    finding =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:{s:s}}", "check", "sqs.public", "title",
                  "Anyone may send", "severity", "high", "status", "non_compliant", "remediation",
                  "fixed", "summary", "statement 1", "evidence", "Principal", "*");
    reported = 0;
    err_clear(&reported_err);
    return 0;
}

static int tear_down(void **state)
{
    message_free(message);
    resource_free(resource);
    json_decref(finding);
    mem_free(settings.notification_topic);
    mem_free(settings.master_region);
    return fake_aws_tear_down(state);
}

static void on_done(void *arg, const struct err *err)
{
    (void)arg;
    reported++;
    if (err != NULL)
        reported_err = *err;
}

static void notify(void)
{
    message_finding(message, resource, finding, on_done, NULL);
    assert_int_equal(reported, 0);
    fake_aws_run();
    assert_int_equal(reported, 1);
}

static const char *sent(const char *field)
{
    assert_int_equal(fake_aws.count, 1);
    return fake_form(&fake_aws.requests[0], field);
}

static void has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("'%s' is not in:\n%.2000s", part, text);
}

static void test_finding(void **state)
{
    (void)state;
    notify();
    assert_string_equal(reported_err.message, "");
    assert_string_equal(fake_aws.requests[0].url, "https://sns.eu-west-1.amazonaws.com/");
    assert_string_equal(sent("TopicArn"), TOPIC);
    assert_string_equal(sent("Subject"),
                        "[fixed] high sqs.public 111122223333 us-east-1: https://q/orders");
    assert_string_equal(
        sent("Message"),
        "Account: 111122223333\nRegion: us-east-1\nResource type: sqs\n"
        "Identifier: https://q/orders\nCheck: sqs.public\nSeverity: high\nStatus: non_compliant\n"
        "Remediation: fixed\nDescription: Anyone may send\nFinding: statement 1\n"
        "Evidence: {\"Principal\":\"*\"}\n\n"
        "{\"account\":\"111122223333\",\"region\":\"us-east-1\",\"type\":\"sqs\","
        "\"id\":\"https://q/orders\",\"cause\":\"event\"}\n");
    assert_string_equal(sent("MessageGroupId"), "");
}

static void test_exempt_is_marked(void **state)
{
    (void)state;
    finding_set(finding, "status", "exempt");
    finding_set(finding, "remediation", "held"); /* a rule that came after the plan */
    json_object_set_new(
        finding, "exemption",
        json_pack("{s:s, s:s, s:s}", "reason", "agreed", "owner", "Ann", "expires", "2027-01-01"));
    notify();
    has(sent("Subject"), "[exempt] high");
    has(sent("Message"), "\nExempt because: agreed\nExemption's owner: Ann\n"
                         "Exempt until: 2027-01-01\n");
}

/* Amazon SNS API Reference, Publish: the rules for subjects. */
static void check_subject(void)
{
    const char *subject = sent("Subject");
    assert_in_range(strlen(subject), 1, 99);
    assert_true(ispunct(subject[0]) || isalnum(subject[0]));
    for (const char *c = subject; *c != '\0'; c++)
        assert_in_range(*c, 0x20, 0x7e);
}

static void replace_id(const char *id)
{
    mem_free(resource->id);
    resource->id = mem_strdup(id);
}

static void test_hostile_subject(void **state)
{
    (void)state;
    replace_id("\n\x1b[31m\xe6\x97\xa5\xe6\x9c\xac \xff"
               "end");
    notify();
    check_subject();
    has(sent("Subject"), ": ??[31m?? ?end");
    has(sent("Message"), "Identifier: \n\xef\xbf\xbd[31m\xe6\x97\xa5\xe6\x9c\xac \xef\xbf\xbd"
                         "end\n");
}

static void test_long_subject(void **state)
{
    (void)state;
    char id[2001];
    memset(id, 'x', sizeof id - 1);
    id[2000] = '\0';
    replace_id(id);
    notify();
    check_subject();
    const char *subject = sent("Subject");
    assert_int_equal(strlen(subject), 99);
    assert_string_equal(subject + 94, "xx...");
    has(sent("Message"), id);
}

static void test_long_body(void **state)
{
    (void)state;
    size_t length = 400000;
    char *text = mem_alloc(length + 1);
    memset(text, 'e', length);
    json_object_set_new(finding, "evidence", json_string(text));
    finding_set(finding, "summary", text);
    json_object_set_new(resource->line, "cause", json_string(text));
    mem_free(text);
    notify();
    const char *body = sent("Message");
    assert_in_range(strlen(body), 50000, 262144);
    has(body, "\nIdentifier: https://q/orders\n");
    has(body, " bytes more]\n");
    has(body, "\n\n{\"account\":\"111122223333\",\"region\":\"us-east-1\",\"type\":\"sqs\","
              "\"id\":\"https://q/orders\"}\n");
}

/* SNS accepts 256 KiB. */
static void test_long_plan(void **state)
{
    (void)state;
    json_t *steps = json_array();
    for (int i = 0; i < 20000; i++)
        json_array_append_new(steps, json_pack("{s:s, s:s}", "call", "iam:DetachRolePolicy",
                                               "irreversible", "the policy is gone"));
    json_object_set_new(finding, "steps", steps);
    finding_set(finding, "plan", "s3://plans/1.jsonl");
    notify();
    assert_in_range(strlen(sent("Message")), 1000, 262144);
    has(sent("Message"), "\n(19900 more calls are in the plan)\nPlan: s3://plans/1.jsonl\n");
}

static void test_control_characters_cannot_overflow(void **state)
{
    (void)state;
    size_t length = 400000;
    char *text = mem_alloc(length + 1);
    memset(text, 1, length);
    static const char *const keys[] = {"title", "summary", "held"};
    for (size_t i = 0; i < 3; i++)
        finding_set(finding, keys[i], text);
    json_object_set_new(finding, "evidence", json_string(text));
    mem_free(text);
    notify();
    assert_in_range(strlen(sent("Message")), 1000, 262144);
}

static void test_fifo_topic(void **state)
{
    (void)state;
    mem_free(settings.notification_topic);
    settings.notification_topic = mem_strdup(TOPIC ".fifo");
    notify();
    assert_string_equal(sent("MessageGroupId"), "111122223333");
    assert_int_equal(strlen(sent("MessageDeduplicationId")), 64);
}

static void test_no_topic(void **state)
{
    (void)state;
    mem_free(settings.notification_topic);
    settings.notification_topic = NULL;
    notify();
    assert_string_equal(reported_err.message, "");
    assert_int_equal(fake_aws.count, 0);
}

static void test_refused(void **state)
{
    (void)state;
    fake_aws.answer = refuse;
    notify();
    assert_string_equal(reported_err.code, "AuthorizationError");
    has(reported_err.message, "NOTIFICATION_TOPIC");
}

static void test_freed_while_in_progress(void **state)
{
    (void)state;
    message_finding(message, resource, finding, on_done, NULL);
    message_whoami(message, "us-east-1", NULL, NULL);
    message_free(message);
    message = NULL;
    fake_aws_run();
    assert_int_equal(reported, 0);
}

static char whoami_text[200];

static void on_caller(void *arg, const char *account, const char *arn, const struct err *err)
{
    (void)arg;
    reported++;
    if (err != NULL)
        reported_err = *err;
    else
        snprintf(whoami_text, sizeof whoami_text, "%s %s", account, arn);
}

static void test_whoami(void **state)
{
    (void)state;
    fake_aws.answer = name_caller;
    message_whoami(message, "us-east-1", on_caller, NULL);
    message_whoami(message, "us-east-1", on_caller, NULL);
    assert_int_equal(reported, 0);
    fake_aws_run();
    assert_int_equal(reported, 2);
    assert_string_equal(whoami_text, "111122223333 arn:aws:iam::111122223333:user/me");
    message_whoami(message, "us-east-1", on_caller, NULL);
    assert_int_equal(reported, 2);
    fake_aws_run();
    assert_int_equal(reported, 3);
    assert_int_equal(fake_aws.count, 1);
}

static void test_whoami_fails_and_is_repeated(void **state)
{
    (void)state;
    fake_aws.answer = refuse;
    message_whoami(message, "us-east-1", on_caller, NULL);
    fake_aws_run();
    assert_int_equal(reported_err.kind, ERR_API);
    fake_aws.answer = name_caller;
    message_whoami(message, "us-east-1", on_caller, NULL);
    fake_aws_run();
    assert_int_equal(reported, 2);
    assert_int_equal(fake_aws.count, 2);
}

static void test_whoami_is_cancelled(void **state)
{
    (void)state;
    message_whoami_give_up(message);
    assert_int_equal(reported, 0);
    message_whoami(message, "us-east-1", on_caller, NULL);
    message_whoami(message, "us-east-1", on_caller, NULL);
    message_whoami_give_up(message);
    assert_int_equal(reported, 2);
    assert_int_equal(reported_err.kind, ERR_TIMEOUT);
    fake_aws_run();
    assert_int_equal(reported, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        TEST(test_finding),
        TEST(test_exempt_is_marked),
        TEST(test_hostile_subject),
        TEST(test_long_subject),
        TEST(test_long_body),
        TEST(test_long_plan),
        TEST(test_control_characters_cannot_overflow),
        TEST(test_fifo_topic),
        TEST(test_no_topic),
        TEST(test_refused),
        TEST(test_freed_while_in_progress),
        TEST(test_whoami),
        TEST(test_whoami_fails_and_is_repeated),
        TEST(test_whoami_is_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
