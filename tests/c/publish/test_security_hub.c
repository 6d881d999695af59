/* Findings to Security Hub: what a run imports, and what becomes of findings that are refused. With
 * the real run and client, and a service of the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <stdio.h>
#include <cmocka.h>

#include "base/log.h"
#include "base/mem.h"
#include "publish/security_hub.h"
#include "support/notify_world.h"
#include "value/json.h"

#define PRODUCT "arn:aws:securityhub:us-east-1:111122223333:product/111122223333/default"

static struct {
    const char *code;   /* of the first finding of a call; NULL: none is refused */
    int refusals;       /* how many calls refuse it; -1: all */
    const char *denied; /* the code with which the whole call is refused, or NULL */
    json_t *calls;      /* the findings of each call */
    char log[4000];
} hub;

static struct fake_answer refuse_call(void)
{
    char *body = mem_printf("{\"__type\":\"%s\",\"message\":\"as the test says\"}", hub.denied);
    struct fake_answer answer = fake_reply(strcmp(hub.denied, "AccessDeniedException") == 0 ? 403
                                           : strncmp(hub.denied, "Invalid", 7) == 0         ? 401
                                                                                            : 429,
                                           body);
    mem_free(body);
    return answer;
}

static struct fake_answer import(const json_t *params)
{
    json_t *findings = json_object_get(params, "Findings");
    json_array_append(hub.calls, findings);
    if (hub.denied != NULL)
        return refuse_call();
    bool refuses = hub.code != NULL && hub.refusals != 0;
    hub.refusals -= refuses && hub.refusals > 0;
    json_t *failed = json_array();
    if (refuses)
        json_array_append_new(failed, json_pack("{s:O, s:s, s:s}", "Id",
                                                json_object_get(json_array_get(findings, 0), "Id"),
                                                "ErrorCode", hub.code, "ErrorMessage", "no"));
    json_t *response = json_pack("{s:i, s:i, s:o}", "FailedCount", refuses, "SuccessCount", 1,
                                 "FailedFindings", failed);
    char *text = json_text(response);
    struct fake_answer answer = fake_reply(200, text);
    json_decref(response);
    mem_free(text);
    return answer;
}

static struct fake_answer answer(const struct fake_request *request, size_t index)
{
    if (strcmp(request->url, "https://securityhub.us-east-1.amazonaws.com/findings/import") == 0)
        return import(request->json);
    return fake_table_answer(request, index);
}

/* Each line, after the account and region that it is about. */
static void keep_log(enum log_level level, const char *line)
{
    size_t used = strlen(hub.log);
    const struct log_subject *subject = log_current_subject();
    (void)level;
    if (subject != NULL)
        used += (size_t)snprintf(hub.log + used, sizeof hub.log - used, "(%s %s) ",
                                 subject->account, subject->region);
    snprintf(hub.log + used, sizeof hub.log - used, "%s\n", line);
}

static int set_up(void **state)
{
    notify_world_set_up(state);
    memset(&hub, 0, sizeof hub);
    hub.calls = json_array();
    hub.refusals = -1;
    fake_aws.answer = answer;
    log_set_sink(keep_log);
    run_world.settings.notification_topic = NULL;
    run_world.settings.security_hub = true;
    run_world.context.hub = security_hub_new(run_world.context.message, &run_world.settings);
    return 0;
}

static int tear_down(void **state)
{
    security_hub_free(run_world.context.hub);
    run_world.context.hub = NULL;
    json_decref(hub.calls);
    return notify_world_tear_down(state);
}

/* Runs that share no table. */
static int set_up_alone(void **state)
{
    set_up(state);
    *state = run_world.context.state;
    run_world.context.state = NULL;
    return 0;
}

static int tear_down_alone(void **state)
{
    run_world.context.state = *state;
    return tear_down(state);
}

static const json_t *sent(size_t call, size_t index)
{
    assert_true(call < json_array_size(hub.calls));
    const json_t *finding = json_array_get(json_array_get(hub.calls, call), index);
    assert_non_null(finding);
    return finding;
}

static const char *text_of(const json_t *finding, const char *key)
{
    return json_get_string(finding, key, "");
}

static const char *compliance(const json_t *finding)
{
    return json_get_string(json_object_get(finding, "Compliance"), "Status", "");
}

static void what_is_sent(void **state)
{
    (void)state;
    notify_audit_bad("one");
    assert_int_equal(json_array_size(hub.calls), 1);
    assert_int_equal(json_array_size(json_array_get(hub.calls, 0)), 1);
    const json_t *finding = sent(0, 0);
    assert_string_equal(text_of(finding, "ProductArn"), PRODUCT);
    assert_string_equal(text_of(finding, "AwsAccountId"), "111122223333");
    assert_string_equal(text_of(finding, "GeneratorId"), "sqs.public");
    assert_string_equal(text_of(finding, "RecordState"), "ACTIVE");
    assert_string_equal(compliance(finding), "FAILED");
    const json_t *fields = json_object_get(finding, "FindingProviderFields");
    const json_t *severity = json_object_get(fields, "Severity");
    assert_string_equal(json_get_string(severity, "Label", ""), "HIGH");
    assert_int_equal(json_array_size(json_object_get(fields, "Types")), 1);
    assert_null(json_object_get(finding, "Severity"));
    assert_null(json_object_get(finding, "Region"));
}

/* Once when it appears, changes and is over, by which it is closed; always under the same Id, and
 * with the time at which it was created. */
static void what_changes_is_updated(void **state)
{
    (void)state;
    notify_audit_bad("one");
    notify_audit_bad("one");
    notify_world.wall_ms += NOTIFY_DAY_MS / 24;
    notify_audit_bad("two");
    notify_audit_good();
    notify_audit_good();
    assert_int_equal(json_array_size(hub.calls), 3);
    for (size_t i = 1; i < 3; i++) {
        assert_string_equal(text_of(sent(i, 0), "Id"), text_of(sent(0, 0), "Id"));
        assert_string_not_equal(text_of(sent(i, 0), "UpdatedAt"), text_of(sent(i, 0), "CreatedAt"));
    }
    assert_string_equal(text_of(sent(2, 0), "RecordState"), "ARCHIVED");
    assert_string_equal(compliance(sent(2, 0)), "PASSED");
}

/* Nobody knows whether Security Hub has an earlier finding, so what passes is sent, and closed. */
static void without_a_table_what_passes_is_sent_too(void **state)
{
    (void)state;
    notify_audit_bad("one");
    assert_int_equal(json_array_size(json_array_get(hub.calls, 0)), 2);
    assert_string_equal(text_of(sent(0, 0), "RecordState"), "ACTIVE");
    assert_string_equal(text_of(sent(0, 1), "GeneratorId"), "sqs.shared");
    assert_string_equal(text_of(sent(0, 1), "RecordState"), "ARCHIVED");
    notify_audit_good();
    assert_int_equal(json_array_size(json_array_get(hub.calls, 1)), 2);
    assert_int_equal(run_world.status, 0);
}

static void a_repair_closes_its_finding(void **state)
{
    (void)state;
    json_array_clear(run_world.outcomes);
    run_world_answer(RUN_WORLD_OK("d", NOTIFY_BAD("one")));
    run_world_answer(RUN_WORLD_OK("d", NOTIFY_BAD("one")));
    run_world_answer(RUN_WORLD_OK("d2", NOTIFY_GOOD));
    run_world_run(RUN_CHANGE, "");
    assert_string_equal(run_world_says("sqs.public", "remediation"), "fixed");
    assert_string_equal(text_of(sent(0, 0), "RecordState"), "ARCHIVED");
    assert_string_equal(compliance(sent(0, 0)), "PASSED");
}

/* Only the finding that failed is sent again. */
static void a_failed_finding_is_sent_again(void **state)
{
    (void)state;
    hub.code = "InternalError";
    hub.refusals = 1;
    notify_audit_bad("one");
    assert_int_equal(json_array_size(hub.calls), 2);
    assert_int_equal(json_array_size(json_array_get(hub.calls, 0)), 2);
    assert_int_equal(json_array_size(json_array_get(hub.calls, 1)), 1);
    assert_string_equal(text_of(sent(1, 0), "Id"), text_of(sent(0, 0), "Id"));
    assert_int_equal(run_world.status, 2);
}

static void a_refused_finding_is_an_error(void **state)
{
    (void)state;
    hub.code = "InvalidInput";
    notify_audit_bad("one");
    assert_int_equal(json_array_size(hub.calls), 1);
    assert_int_equal(run_world.status, 1);
    assert_non_null(strstr(hub.log, "(111122223333 us-east-1) a finding could not be notified: not "
                                    "sent to Security Hub: securityhub:BatchImportFindings: "
                                    "InvalidInput: no"));
}

static void throttled_calls_are_repeated(void **state)
{
    (void)state;
    hub.code = "LimitExceeded";
    hub.refusals = 2;
    notify_audit_bad("one");
    assert_int_equal(json_array_size(hub.calls), 3);
    assert_int_equal(run_world.status, 2);
}

/* Then nothing is missing there: a warning, once for the account and region. */
static void expect_off(void)
{
    notify_audit_bad("one");
    notify_audit_bad("two");
    assert_int_equal(run_world.status, 2);
    const char *first = strstr(hub.log, "(111122223333 us-east-1) Security Hub is not enabled for "
                                        "account 111122223333 in us-east-1");
    assert_non_null(first);
    assert_null(strstr(strchr(first, '\n'), "Security Hub is not enabled"));
}

static void it_may_be_off(void **state)
{
    (void)state;
    hub.denied = "InvalidAccessException";
    expect_off();
}

static void it_may_be_off_for_the_finding(void **state)
{
    (void)state;
    hub.code = "InvalidAccess";
    expect_off();
}

/* With a table, a missing permission must not cause the notification to be repeated. */
static void a_missing_permission_is_logged_once(void **state)
{
    (void)state;
    hub.denied = "AccessDeniedException";
    notify_audit_bad("one");
    notify_audit_bad("one");
    notify_audit_bad("two");
    assert_int_equal(json_array_size(hub.calls), 2);
    const char *first = strstr(hub.log, "findings of account 111122223333 in us-east-1 are not in "
                                        "Security Hub: ");
    assert_non_null(first);
    assert_null(strstr(first + 1, "findings of account"));
}

static void without_a_table_a_missing_permission_is_an_error(void **state)
{
    (void)state;
    hub.denied = "AccessDeniedException";
    notify_audit_bad("one");
    assert_int_equal(run_world.status, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define ALONE(name) cmocka_unit_test_setup_teardown(name, set_up_alone, tear_down_alone)

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        TEST(what_is_sent),
        TEST(what_changes_is_updated),
        TEST(a_repair_closes_its_finding),
        TEST(it_may_be_off),
        TEST(it_may_be_off_for_the_finding),
        TEST(a_missing_permission_is_logged_once),
        ALONE(without_a_table_what_passes_is_sent_too),
        ALONE(a_failed_finding_is_sent_again),
        ALONE(a_refused_finding_is_an_error),
        ALONE(throttled_calls_are_repeated),
        ALONE(without_a_table_a_missing_permission_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
