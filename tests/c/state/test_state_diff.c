/* Which of a resource's findings are new, compared with what was notified before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "policy/finding.h"
#include "state/state_diff.h"
#include "value/json.h"

static json_t *finding, *known;

static int set_up(void **state)
{
    (void)state;
    finding = json_loads(
        "{\"check\":\"sqs.public\",\"title\":\"Public\",\"severity\":\"high\",\"status\":"
        "\"non_compliant\",\"remediation\":\"available\",\"summary\":\"open\",\"evidence\":{"
        "\"statements\":[{\"Sid\":\"b\"},{\"Sid\":\"a\"}]},\"time\":\"2026-11-30T00:00:00Z\"}",
        0, NULL);
    known = state_record(NULL, finding, 1000);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    json_decref(finding);
    json_decref(known);
    return 0;
}

static void put(const char *key, const char *text)
{
    json_object_set_new(finding, key, json_loads(text, JSON_DECODE_ANY, NULL));
}

static void is(enum state_news expected)
{
    assert_int_equal(state_news(known, finding), expected);
}

static void appears(void **state)
{
    (void)state;
    assert_int_equal(state_news(NULL, finding), STATE_NOTIFY);
    is(STATE_SAME);
}

/* Neither the time, nor an order that AWS does not guarantee, nor the text of an error counts. */
static void what_is_not_a_change(void **state)
{
    (void)state;
    finding_set(finding, "time", "2026-12-01T00:00:00Z");
    put("evidence", "{\"statements\":[{\"Sid\":\"a\"},{\"Sid\":\"b\"}]}");
    is(STATE_SAME);
    finding_set(finding, "status", "unknown");
    finding_set(finding, "summary", "request 1 was refused");
    put("error", "{\"code\":\"AccessDenied\",\"message\":\"request 1 was refused\"}");
    json_decref(known);
    known = state_record(NULL, finding, 0);
    finding_set(finding, "summary", "request 2 was refused");
    put("error", "{\"code\":\"AccessDenied\",\"message\":\"request 2 was refused\"}");
    is(STATE_SAME);
    put("error", "{\"code\":\"NoSuchQueue\"}");
    is(STATE_NOTIFY);
}

static void what_is_a_change(void **state)
{
    (void)state;
    static const char *const changes[][2] = {
        {"status", "\"unknown\""},
        {"status", "\"exempt\""},
        {"severity", "\"critical\""},
        {"remediation", "\"failed\""},
        {"summary", "\"wide open\""},
        {"held", "\"why\""},
        {"evidence", "{\"statements\":[{\"Sid\":\"a\"}]}"},
        {"exemption", "{\"reason\":\"agreed\"}"},
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        json_t *before = json_deep_copy(finding);
        put(changes[i][0], changes[i][1]);
        is(STATE_NOTIFY);
        json_decref(finding);
        finding = before;
    }
    is(STATE_SAME);
}

/* A person was told to apply a plan: if its calls differ now, it would be held. Another name of the
 * plan alone is none, such as after one more account is trusted. */
static void other_calls_of_a_plan_are_a_change(void **state)
{
    (void)state;
    finding_set(finding, "plan", "s3://plans/1");
    put("steps", "[{\"call\":\"sqs:SetQueueAttributes\",\"with\":{\"Policy\":\"1\"}}]");
    json_decref(known);
    known = state_record(NULL, finding, 0);
    finding_set(finding, "plan", "s3://plans/2");
    is(STATE_SAME);
    put("steps", "[{\"call\":\"sqs:SetQueueAttributes\",\"with\":{\"Policy\":\"2\"}}]");
    is(STATE_NOTIFY);
    json_object_del(finding, "plan"); /* steps that nobody was told of */
    json_decref(known);
    known = state_record(NULL, finding, 0);
    put("steps", "[]");
    is(STATE_SAME);
}

static void is_resolved_once(void **state)
{
    (void)state;
    static const char *const ends[] = {"compliant", "gone"};
    for (size_t i = 0; i < 2; i++) {
        finding_set(finding, "status", ends[i]);
        finding_set(finding, "remediation", "none");
        is(STATE_NOTIFY);
        assert_null(state_record(known, finding, 0));
        assert_int_equal(state_news(NULL, finding), STATE_SAME);
    }
}

/* Each repair counts, because something was changed. */
static void repairs_are_notified(void **state)
{
    (void)state;
    finding_set(finding, "remediation", "fixed");
    is(STATE_NOTIFY);
    assert_int_equal(state_news(NULL, finding), STATE_NOTIFY);
    assert_null(state_record(known, finding, 0));
}

static void what_was_exempt_ends_quietly(void **state)
{
    (void)state;
    finding_set(finding, "status", "exempt");
    json_decref(known);
    known = state_record(NULL, finding, 0);
    is(STATE_SAME);
    assert_false(json_get_bool(known, "open", true));
    finding_set(finding, "status", "compliant");
    finding_set(finding, "remediation", "none");
    is(STATE_DROPPED);
}

static void what_is_not_ready_is_not_notified(void **state)
{
    (void)state;
    finding_set(finding, "status", "pending");
    finding_set(finding, "remediation", "planned");
    is(STATE_SAME);
}

static void record_remembers_since_when(void **state)
{
    (void)state;
    finding_set(finding, "severity", "critical");
    json_t *record = state_record(known, finding, 5000);
    assert_int_equal(json_get_integer(record, "since", 0), 1000);
    assert_string_equal(json_get_string(record, "severity", ""), "critical");
    assert_string_equal(json_get_string(record, "summary", ""), "open");
    assert_true(json_get_bool(record, "open", false));
    json_decref(record);
}

/* A long text is cut between characters. */
static void record_is_small(void **state)
{
    (void)state;
    char text[1000];
    for (size_t i = 0; i + 1 < sizeof text; i += 3)
        memcpy(text + i, "\xe6\x97\xa5", 3);
    text[999] = '\0';
    finding_set(finding, "summary", text);
    json_t *record = state_record(NULL, finding, 0);
    size_t length = strlen(json_get_string(record, "summary", ""));
    assert_in_range(length, 200, 300);
    assert_int_equal(length % 3, 0);
    json_decref(record);
}

static void what_does_not_apply_any_more(void **state)
{
    (void)state;
    struct resource *resource = resource_new("111122223333", "us-east-1", "sqs", "https://q/a");
    json_t *checks = json_pack("{s:O, s:O}", "sqs.public", known, "sqs.tls", known);
    json_t *findings = json_pack("[O]", finding);
    json_t *lapsed = state_lapsed(checks, findings, resource, "over");
    assert_int_equal(state_open(checks), 2);
    assert_int_equal(json_array_size(lapsed), 1);
    const json_t *one = json_array_get(lapsed, 0);
    assert_string_equal(finding_get(one, "check"), "sqs.tls");
    assert_string_equal(finding_get(one, "status"), "compliant");
    assert_int_equal(state_news(known, one), STATE_NOTIFY);
    json_decref(lapsed);
    json_decref(findings);
    json_decref(checks);
    resource_free(resource);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        TEST(appears),
        TEST(what_is_not_a_change),
        TEST(what_is_a_change),
        TEST(other_calls_of_a_plan_are_a_change),
        TEST(is_resolved_once),
        TEST(repairs_are_notified),
        TEST(what_was_exempt_ends_quietly),
        TEST(what_is_not_ready_is_not_notified),
        TEST(record_remembers_since_when),
        TEST(record_is_small),
        TEST(what_does_not_apply_any_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
