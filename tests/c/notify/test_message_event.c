/* Findings to EventBridge: batches, partial failures and sizes, with the real client and a bus of
 * the test. */
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
#include "notify/message_event.h"
#include "policy/finding.h"
#include "support/fake_aws.h"
#include "value/json.h"

#define BUS "arn:aws:events:eu-west-1:111122223333:event-bus/findings"
#define ARN "arn:aws:sqs:us-east-1:111122223333:orders"

static struct settings settings;
static struct message *message;
static struct resource *resource;
static json_t *finding;
static int reported, failed;
static struct err reported_err;
static const char *code; /* of the entries that are refused */
static int refusals;     /* how often the second entry of a call is refused */

/* One entry of each response may be refused, as PutEvents documents it: at its own index. */
static struct fake_answer take(const struct fake_request *request, size_t number)
{
    (void)number;
    size_t i;
    json_t *entry;
    json_t *results = json_array();
    size_t count = json_array_size(json_object_get(request->json, "Entries"));
    bool refuse = refusals > 0 && refusals--;
    json_array_foreach (json_object_get(request->json, "Entries"), i, entry) {
        bool refused = refuse && (i == 1 || count == 1);
        json_array_append_new(
            results, refused ? json_pack("{s:s, s:s}", "ErrorCode", code, "ErrorMessage", "not now")
                             : json_pack("{s:s}", "EventId", "e-1"));
    }
    json_t *response = json_pack("{s:i, s:o}", "FailedEntryCount", refuse, "Entries", results);
    char *text = json_text(response);
    json_decref(response);
    struct fake_answer answer = fake_reply(200, text);
    mem_free(text);
    return answer;
}

static struct fake_answer deny(const struct fake_request *request, size_t number)
{
    (void)request, (void)number;
    return fake_reply(400, "{\"__type\":\"AccessDeniedException\",\"message\":\"no PutEvents\"}");
}

static int set_up(void **state)
{
    static char bus[] = BUS;
    static char home[] = "us-east-1";
    fake_aws_set_up(state);
    fake_aws.answer = take;
    settings = (struct settings){.event_bus = bus, .master_region = home};
    message = message_new(fake_aws.client, fake_aws.provider, &settings);
    resource = resource_new("111122223333", "us-east-1", "sqs", "https://q/orders");
    finding = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:{s:s}, s:[s]}", "account",
                        "111122223333", "region", "us-east-1", "type", "sqs", "id",
                        "https://q/orders", "check", "sqs.public", "severity", "high", "status",
                        "non_compliant", "remediation", "available", "summary", "open", "evidence",
                        "Principal", "*", "steps", "secret of a step");
    reported = failed = refusals = 0;
    code = "ThrottlingException";
    err_clear(&reported_err);
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
    reported++;
    if (err != NULL) {
        failed++;
        reported_err = *err;
    }
}

static void put(int count, enum message_change change)
{
    for (int i = 0; i < count; i++)
        message_event(message, resource, ARN, finding, change, on_done, NULL);
    assert_int_equal(reported, 0);
    fake_aws_run();
    assert_int_equal(reported, count);
}

static const json_t *entry(size_t request, size_t index)
{
    assert_true(request < fake_aws.count);
    return json_array_get(json_object_get(fake_aws.requests[request].json, "Entries"), index);
}

static size_t size_of(size_t request)
{
    return json_array_size(json_object_get(fake_aws.requests[request].json, "Entries"));
}

static json_t *detail_of(size_t request)
{
    json_t *detail = json_loads(json_get_string(entry(request, 0), "Detail", ""), 0, NULL);
    assert_non_null(detail);
    return detail;
}

static void test_event(void **state)
{
    (void)state;
    put(1, CHANGE_NEW);
    assert_int_equal(failed, 0);
    assert_int_equal(fake_aws.count, 1);
    assert_string_equal(fake_aws.requests[0].url, "https://events.eu-west-1.amazonaws.com/");
    assert_string_equal(fake_aws.requests[0].target, "AWSEvents.PutEvents");
    assert_string_equal(json_get_string(entry(0, 0), "EventBusName", ""), BUS);
    assert_string_equal(json_get_string(entry(0, 0), "Source", ""), "engine");
    assert_string_equal(json_get_string(entry(0, 0), "DetailType", ""), "Finding - New");
    const json_t *arns = json_object_get(entry(0, 0), "Resources");
    assert_string_equal(json_string_value(json_array_get(arns, 0)), ARN);
    json_t *detail = detail_of(0);
    assert_string_equal(finding_get(detail, "check"), "sqs.public");
    assert_string_equal(json_get_string(json_object_get(detail, "evidence"), "Principal", ""), "*");
    const json_t *line = json_object_get(detail, "resource");
    assert_string_equal(json_get_string(line, "id", ""), "https://q/orders");
    assert_null(json_object_get(detail, "steps"));
    assert_null(json_object_get(detail, "shortened"));
    json_decref(detail);
}

static void test_detail_types(void **state)
{
    static const struct {
        const char *status, *remediation, *type;
        enum message_change change;
    } cases[] = {
        {"non_compliant", "none", "Finding - Found", CHANGE_UNKNOWN},
        {"non_compliant", "held", "Finding - Changed", CHANGE_CHANGED},
        {"unknown", "none", "Finding - New", CHANGE_NEW},
        {"compliant", "none", "Finding - Resolved", CHANGE_CHANGED},
        {"gone", "none", "Finding - Resolved", CHANGE_CHANGED},
        {"non_compliant", "fixed", "Finding - Fixed", CHANGE_NEW},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        finding_set(finding, "status", cases[i].status);
        finding_set(finding, "remediation", cases[i].remediation);
        reported = 0;
        put(1, cases[i].change);
        assert_string_equal(json_get_string(entry(i, 0), "DetailType", ""), cases[i].type);
    }
}

static void test_no_bus(void **state)
{
    (void)state;
    settings.event_bus = NULL;
    put(1, CHANGE_NEW);
    assert_int_equal(failed, 0);
    assert_int_equal(fake_aws.count, 0);
}

static void test_bus_by_name(void **state)
{
    static char name[] = "findings";
    (void)state;
    settings.event_bus = name;
    put(1, CHANGE_NEW);
    assert_string_equal(fake_aws.requests[0].url, "https://events.us-east-1.amazonaws.com/");
    assert_string_equal(json_get_string(entry(0, 0), "EventBusName", ""), "findings");
}

static void test_batches_of_ten(void **state)
{
    (void)state;
    put(23, CHANGE_NEW);
    assert_int_equal(fake_aws.count, 3);
    assert_int_equal(size_of(0), 10);
    assert_int_equal(size_of(2), 3);
    assert_int_equal(failed, 0);
}

/* Of ten entries only the refused one is sent again. */
static void test_partial_failure_is_retried(void **state)
{
    (void)state;
    refusals = 2;
    put(10, CHANGE_NEW);
    assert_int_equal(failed, 0);
    assert_int_equal(fake_aws.count, 3);
    assert_int_equal(size_of(1), 1);
    assert_int_equal(size_of(2), 1);
}

static void test_partial_failure_that_lasts(void **state)
{
    (void)state;
    refusals = 100;
    put(2, CHANGE_NEW);
    assert_int_equal(failed, 1);
    assert_int_equal(fake_aws.count, 4);
    assert_non_null(strstr(reported_err.message, "not sent to EVENT_BUS"));
    assert_non_null(strstr(reported_err.message, "ThrottlingException: not now"));
}

static void test_refusal_is_not_retried(void **state)
{
    (void)state;
    code = "AccessDeniedException";
    refusals = 1;
    put(3, CHANGE_NEW);
    assert_int_equal(failed, 1);
    assert_int_equal(fake_aws.count, 1);
}

static void test_refused_call(void **state)
{
    (void)state;
    fake_aws.answer = deny;
    put(2, CHANGE_NEW);
    assert_int_equal(failed, 2);
    assert_int_equal(fake_aws.count, 1);
    assert_non_null(strstr(reported_err.message, "no PutEvents"));
}

static void set_long(const char *key, size_t length, char filler)
{
    char *text = mem_alloc(length + 1);
    memset(text, filler, length);
    json_object_set_new(finding, key, json_string(text));
    mem_free(text);
}

/* As AWS counts an entry without a time. */
static size_t bytes_of(const json_t *put_entry)
{
    const json_t *arns = json_object_get(put_entry, "Resources");
    return strlen(json_get_string(put_entry, "Source", "")) +
           strlen(json_get_string(put_entry, "DetailType", "")) +
           strlen(json_get_string(put_entry, "Detail", "")) +
           json_string_length(json_array_get(arns, 0));
}

static void test_large_evidence_is_left_out(void **state)
{
    (void)state;
    set_long("evidence", (size_t)300 * 1024, 'e');
    put(1, CHANGE_NEW);
    assert_int_equal(failed, 0);
    assert_true(bytes_of(entry(0, 0)) < (size_t)256 * 1024);
    json_t *detail = detail_of(0);
    assert_null(json_object_get(detail, "evidence"));
    assert_true(json_get_bool(detail, "shortened", false));
    assert_non_null(json_object_get(detail, "resource"));
    json_decref(detail);
}

/* Each of the texts is longer than an entry may be, and JSON escapes each of its bytes. */
static void test_large_texts_are_cut(void **state)
{
    static const char *const keys[] = {"title", "summary", "held", "advice"};
    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        set_long(keys[i], (size_t)300 * 1024, '\1');
    put(1, CHANGE_NEW);
    assert_int_equal(failed, 0);
    assert_true(bytes_of(entry(0, 0)) < (size_t)256 * 1024);
    json_t *detail = detail_of(0);
    assert_string_equal(finding_get(detail, "check"), "sqs.public");
    assert_int_equal(json_string_length(json_object_get(detail, "summary")), 1024);
    json_decref(detail);
}

static void test_batches_by_size(void **state)
{
    (void)state;
    set_long("evidence", (size_t)100 * 1024, 'e');
    put(5, CHANGE_NEW);
    assert_int_equal(fake_aws.count, 3);
    assert_int_equal(size_of(0), 2);
    assert_int_equal(size_of(2), 1);
}

static void test_bytes_that_are_not_utf8(void **state)
{
    (void)state;
    json_object_set_new_nocheck(finding, "summary",
                                json_stringn_nocheck("a\xff"
                                                     "b",
                                                     3));
    put(1, CHANGE_NEW);
    assert_int_equal(failed, 0);
    json_t *detail = detail_of(0);
    assert_string_equal(finding_get(detail, "summary"), "a\xef\xbf\xbd"
                                                        "b");
    json_decref(detail);
}

static void test_freed_before_the_response(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++)
        message_event(message, resource, ARN, finding, CHANGE_NEW, on_done, NULL);
    assert_true(loop_turn(fake_aws.loop, 0));
    message_free(message);
    message = NULL;
    fake_aws_run();
    assert_int_equal(reported, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        TEST(test_event),
        TEST(test_detail_types),
        TEST(test_no_bus),
        TEST(test_bus_by_name),
        TEST(test_batches_of_ten),
        TEST(test_partial_failure_is_retried),
        TEST(test_partial_failure_that_lasts),
        TEST(test_refusal_is_not_retried),
        TEST(test_refused_call),
        TEST(test_large_evidence_is_left_out),
        TEST(test_large_texts_are_cut),
        TEST(test_batches_by_size),
        TEST(test_bytes_that_are_not_utf8),
        TEST(test_freed_before_the_response),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
