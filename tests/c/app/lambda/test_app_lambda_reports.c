/* What a function reports about itself: metrics, JSON log lines, the trace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <jansson.h>
#include <cmocka.h>

#include "base/mem.h"
#include "support/app_case.h"
#include "support/function_case.h"

/* ---- metrics ---- */

/* The line of stderr that contains `part`, parsed. New. */
static json_t *line_with(const char *part)
{
    const char *at = strstr(app_case.err, part);
    if (at == NULL)
        fail_msg("\"%s\" is not in: %s", part, app_case.err);
    while (at > app_case.err && at[-1] != '\n')
        at--;
    json_t *line = json_loadb(at, strcspn(at, "\n"), 0, NULL);
    if (line == NULL)
        fail_msg("not JSON: %s", at);
    return line;
}

/* As the specification of the format demands: every metric of the directive is a member of the
 * root, a number or numbers, and every dimension is a text. */
static void assert_valid(const json_t *line)
{
    size_t i;
    json_t *metric, *head = json_object_get(line, "_aws");
    json_t *directive = json_array_get(json_object_get(head, "CloudWatchMetrics"), 0);
    json_t *metrics = json_object_get(directive, "Metrics");
    assert_true(json_integer_value(json_object_get(head, "Timestamp")) > 1600000000000);
    assert_string_equal(json_string_value(json_object_get(directive, "Namespace")), "engine");
    assert_string_equal(json_string_value(json_object_get(line, "FunctionName")), "engine");
    assert_in_range(json_array_size(metrics), 1, 100);
    json_array_foreach (metrics, i, metric) {
        json_t *value = json_object_get(line, json_string_value(json_object_get(metric, "Name")));
        json_t *first = json_is_array(value) ? json_array_get(value, 0) : value;
        assert_true(json_is_number(first));
        assert_true(json_is_string(json_object_get(metric, "Unit")));
    }
}

static json_int_t number(const json_t *line, const char *name)
{
    return json_integer_value(json_object_get(line, name));
}

static void publishes_metrics(void **state)
{
    (void)state;
    app_setenv("REMEDIATE", "true");
    INVOKE("remediator", BATCH(RECORD("a", LINE)));
    json_t *line = line_with("\"RepairsFixed\"");
    assert_valid(line);
    assert_int_equal(number(line, "Resources"), 1);
    assert_int_equal(number(line, "Checks"), 1);
    assert_int_equal(number(line, "RepairsFixed"), 1);
    assert_true(number(line, "Calls") >= 3);
    assert_int_equal(json_array_size(json_object_get(line, "ResourceTime")), 1);
    assert_null(json_object_get(line, "Unknown"));
    const char *policies = json_string_value(json_object_get(line, "policies"));
    assert_non_null(policies);
    assert_int_equal(strspn(policies, "0123456789abcdef"), 64);
    assert_int_equal(strlen(policies), 64);
    json_decref(line);
    function_refuse("GetQueueAttributes", DENIED);
    INVOKE("remediator", BATCH(RECORD("a", LINE)));
    line = line_with("\"UnknownRefused\"");
    assert_valid(line);
    assert_int_equal(number(line, "Unknown"), 1);
    assert_int_equal(number(line, "UnknownRefused"), 1);
    json_decref(line);
}

static void counts_an_account_that_cannot_be_entered(void **state)
{
    (void)state;
    app_setenv("MEMBER_ROLE", "member");
    function_refuse("AssumeRole", "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no"
                                  "</Message></Error></ErrorResponse>");
    INVOKE("remediator", BATCH(RECORD("a", LINE)));
    json_t *line = line_with("\"UnknownRefused\"");
    assert_int_equal(number(line, "Unknown"), 1);
    assert_int_equal(number(line, "UnknownRefused"), 1);
    json_decref(line);
}

static void writes_the_numbers_without_metrics(void **state)
{
    (void)state;
    app_setenv("METRICS", "false");
    INVOKE("remediator", BATCH(RECORD("a", LINE) "," RECORD("b", "{")));
    json_t *line = line_with("\"NonCompliant\"");
    assert_null(json_object_get(line, "_aws"));
    assert_int_equal(number(line, "NonCompliant"), 1);
    json_decref(line);
    line = line_with("\"BatchItemsFailed\""); /* an alarm watches it */
    assert_valid(line);
    json_decref(line);
}

static void measures_events_and_places(void **state)
{
    (void)state;
    INVOKE("event_translator", EVENT(",\"responseElements\":{\"queueUrl\":\"" APP_QUEUE "\"}"));
    json_t *line = line_with("\"Events\"");
    assert_valid(line);
    assert_int_equal(number(line, "Lines"), 1);
    json_decref(line);
    INVOKE("poller", SCHEDULED);
    line = line_with("\"PlacesListed\"");
    assert_valid(line);
    assert_int_equal(number(line, "PlacesListed"), 1);
    assert_int_equal(number(line, "ResourcesListed"), 1);
    json_decref(line);
    app_setenv("POLL_QUEUE", PLACES);
    INVOKE("poller", BATCH(RECORD("a", PLACE)));
    line = line_with("\"PlacesListed\"");
    assert_int_equal(number(line, "ResourcesListed"), 1);
    json_decref(line);
}

/* ---- JSON ---- */

static void assert_text(const json_t *line, const char *key, const char *text)
{
    const char *found = json_string_value(json_object_get(line, key));
    assert_non_null(found);
    assert_string_equal(found, text);
}

static void logs_json(void **state)
{
    (void)state;
    app_setenv("AWS_LAMBDA_LOG_FORMAT", "JSON");
    INVOKE("remediator", BATCH(RECORD("b", "{}")));
    json_t *line = line_with("message b: ");
    assert_text(line, "level", "ERROR");
    assert_text(line, "requestId", "id-1");
    assert_text(line, "command", "remediator");
    assert_int_equal(strlen(json_string_value(json_object_get(line, "timestamp"))), 20);
    json_decref(line);
    app_setenv("AWS_LAMBDA_LOG_FORMAT", "Text");
    INVOKE("remediator", BATCH(RECORD("b", "{}")));
    app_wrote("ERROR RequestId: id-1 message b: ");
    app_setenv("LOG_FORMAT", "json");
    app_setenv("_HANDLER", "moon");
    assert_int_equal(app_run("", ""), 1);
    line = line_with("unknown handler");
    assert_text(line, "level", "ERROR");
    json_decref(line);
}

/* Lambda would drop a line of a lower level, and with it what undo needs. */
static void keeps_the_journal_at_every_log_level(void **state)
{
    (void)state;
    app_setenv("REMEDIATE", "true");
    app_setenv("AWS_LAMBDA_LOG_FORMAT", "JSON");
    app_setenv("AWS_LAMBDA_LOG_LEVEL", "ERROR");
    INVOKE("remediator", BATCH(RECORD("a", LINE)));
    size_t lines = 0;
    for (const char *at = app_case.out; (at = strstr(at, "{\"journal\":")) != NULL; lines++) {
        json_t *line = json_loadb(at, strcspn(at, "\n"), 0, NULL);
        assert_text(line, "level", "ERROR");
        assert_non_null(json_object_get(line, "timestamp"));
        json_decref(line);
        at++;
    }
    assert_true(lines >= 3);
    json_t *metrics = line_with("\"RepairsFixed\"");
    assert_text(metrics, "level", "ERROR");
    json_decref(metrics);
    app_file("changes", app_case.out);
    app_setenv("AWS_LAMBDA_RUNTIME_API", NULL);
    app_expect(0, "undone", "undo changes");
    assert_true(app_case.open);
}

/* ---- the trace ---- */

static char traced[600]; /* the operations of requests with the header */

static bool note_trace(const struct peer_request *request)
{
    if (strstr(request->text, "X-Amzn-Trace-Id: Root=1\r\n") != NULL)
        strncat(traced, request->text + request->body, sizeof traced - strlen(traced) - 1);
    return function_api(request);
}

static void passes_the_trace_on(void **state)
{
    (void)state;
    traced[0] = '\0';
    app_case.hook = note_trace;
    app_setenv("ACCOUNTS", NULL);
    INVOKE("poller", SCHEDULED);
    assert_non_null(strstr(traced, "GetCallerIdentity"));
    assert_true(app_calls("SendMessageBatch") > 0);
    assert_null(strstr(traced, "QueueUrl"));
}

static void passes_the_trace_on_to_sts(void **state)
{
    (void)state;
    traced[0] = '\0';
    app_case.hook = note_trace;
    app_setenv("MEMBER_ROLE", "member");
    function_refuse("AssumeRole", "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no"
                                  "</Message></Error></ErrorResponse>");
    INVOKE("remediator", BATCH(RECORD("a", LINE)));
    assert_non_null(strstr(traced, "Action=AssumeRole&"));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, function_set_up, app_case_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(publishes_metrics),
        CASE(counts_an_account_that_cannot_be_entered),
        CASE(writes_the_numbers_without_metrics),
        CASE(measures_events_and_places),
        CASE(logs_json),
        CASE(keeps_the_journal_at_every_log_level),
        CASE(passes_the_trace_on),
        CASE(passes_the_trace_on_to_sts),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
