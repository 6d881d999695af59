/* OCSF events: how each verdict is represented. e2e.test_formats checks the schema itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/report_findings.h"
#include "value/json.h"

static json_t *events_of(struct report *report)
{
    struct err err = {0};
    const char *text = report_end(report);
    json_t *events = json_parse(text, strlen(text), &err);
    if (events == NULL)
        fail_msg("%s in %s", err.message, text);
    return events;
}

static json_int_t number(const json_t *object, const char *key)
{
    return json_get_integer(object, key, -1);
}

static void test_verdicts(void **state)
{
    (void)state;
    static const int verdicts[] = {1, 3, 3, 3, 1, 3, 3, 2, 3, 2, 0};
    static const int workflows[] = {4, 1, 1, 1, 4, 1, 1, 1, 3, 1, 4};
    report_settings.all = true;
    struct report *report = report_begin(FORMAT_OCSF);
    report_add_all(report);
    json_t *events = events_of(report);
    assert_int_equal(json_array_size(events), VERDICTS);
    for (size_t i = 0; i < VERDICTS; i++) {
        const json_t *event = json_array_get(events, i);
        assert_int_equal(number(json_object_get(event, "compliance"), "status_id"), verdicts[i]);
        assert_int_equal(number(event, "status_id"), workflows[i]);
        assert_int_equal(number(event, "class_uid"), 2003);
        assert_int_equal(number(event, "type_uid"), 200301);
        assert_int_equal(number(event, "severity_id"), 4);
        assert_int_equal(number(event, "time"), 1795435200000);
    }
    json_decref(events);
}

static json_t *event_of(json_t *finding)
{
    struct report *report = report_begin(FORMAT_OCSF);
    report_give(report, finding);
    json_t *events = events_of(report);
    assert_int_equal(json_array_size(events), 1);
    json_t *event = json_incref(json_array_get(events, 0));
    json_decref(events);
    return event;
}

static void expect(const json_t *event, const char *key, const char *text)
{
    char *value = json_text(json_object_get(event, key));
    assert_string_equal(value, text);
    mem_free(value);
}

static void test_members(void **state)
{
    (void)state;
    json_t *finding = report_finding("q", "sqs.public", "non_compliant", "held");
    finding_set(finding, "held", "a limit");
    finding_set(finding, "advice", "close it");
    finding_set(finding, "url", "https://x");
    finding_set(finding, "baseline", "unchanged");
    json_object_set_new(
        finding, "names",
        json_pack("{s:s, s:s}", "arn", "arn:aws:sqs:us-east-1:1:q", "type", "AwsSqsQueue"));
    json_t *event = event_of(finding);
    assert_int_equal(number(event, "type_uid"), 200302);
    expect(event, "type_name", "\"Compliance Finding: Update\"");
    expect(event, "remediation", "{\"desc\":\"close it\",\"references\":[\"https://x\"]}");
    expect(event, "cloud",
           "{\"provider\":\"AWS\",\"account\":{\"uid\":\"111122223333\",\"type\":\"AWS Account\","
           "\"type_id\":10},\"region\":\"us-east-1\",\"cloud_partition\":\"aws\"}");
    expect(event, "resources",
           "[{\"uid\":\"arn:aws:sqs:us-east-1:1:q\",\"name\":\"q\",\"type\":\"AwsSqsQueue\","
           "\"region\":\"us-east-1\",\"cloud_partition\":\"aws\"}]");
    expect(json_object_get(event, "compliance"), "requirements", "[\"securityhub SQS.3\"]");
    expect(json_object_get(event, "compliance"), "status_details", "[\"a limit\"]");
    expect(json_object_get(event, "unmapped"), "held", "\"a limit\"");
    json_decref(event);
}

static void test_resolved_closes(void **state)
{
    (void)state;
    json_t *finding = report_finding("q", "sqs.public", "gone", "none");
    finding_set(finding, "baseline", "resolved");
    json_t *event = event_of(finding);
    assert_int_equal(number(event, "activity_id"), 3);
    json_decref(event);
}

/* A finding about the run belongs to no account. */
static void test_run(void **state)
{
    (void)state;
    json_t *event = event_of(finding_incomplete("interrupted", "SIGINT"));
    expect(event, "cloud", "{\"provider\":\"AWS\"}");
    expect(json_object_get(event, "compliance"), "status", "\"Warning\"");
    json_decref(event);
    struct report *report = report_begin(FORMAT_OCSF);
    assert_string_equal(report_end(report), "[]\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, report_set_up, report_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_verdicts),
        TEST(test_members),
        TEST(test_resolved_closes),
        TEST(test_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
