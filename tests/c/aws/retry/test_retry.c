/* Whether and when a call is repeated: codes and statuses, the quota, what servers ask for, and
 * that a change that may have been carried out is not repeated. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aws/retry/retry.h"
#include "base/clock.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static int64_t wall;

static int64_t fake_wall(void)
{
    return wall;
}

static int set_up(void **state)
{
    (void)state;
    assert_int_equal(clock_parse_http_date("Mon, 23 Nov 2026 10:00:00 GMT", &wall), 0);
    clock_replace(fake_wall, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    clock_replace(NULL, NULL);
    return 0;
}

static struct err api_error(const char *code, int status)
{
    struct err err = {.kind = ERR_API, .status = status};
    snprintf(err.code, sizeof err.code, "%s", code);
    return err;
}

/* A response with one header, or two. */
static struct http_response answer_of(struct http_header *headers, size_t count)
{
    return (struct http_response){.status = 400, .headers = headers, .header_count = count};
}

static struct retry_state reading(int attempt)
{
    return (struct retry_state){.attempt = attempt, .max_attempts = 3, .idempotent = true};
}

static int64_t decide(struct retry_state *call, const struct err *err,
                      const struct http_response *response, bool sent)
{
    struct retry_quota quota;
    retry_quota_init(&quota);
    return retry_decide(call, &quota, err, response, sent);
}

static void test_classes(void **state)
{
    static const struct {
        const char *code;
        int status;
        enum retry_class class;
    } cases[] = {
        {"Throttling", 400, RETRY_THROTTLED},
        {"ThrottlingException", 400, RETRY_THROTTLED},
        {"ThrottledException", 400, RETRY_THROTTLED},
        {"RequestThrottledException", 400, RETRY_THROTTLED},
        {"RequestThrottled", 403, RETRY_THROTTLED},
        {"TooManyRequestsException", 429, RETRY_THROTTLED},
        {"ProvisionedThroughputExceededException", 400, RETRY_THROTTLED},
        {"TransactionInProgressException", 400, RETRY_THROTTLED},
        {"RequestLimitExceeded", 503, RETRY_THROTTLED}, /* EC2's */
        {"BandwidthLimitExceeded", 509, RETRY_THROTTLED},
        {"LimitExceededException", 400, RETRY_THROTTLED},
        {"SlowDown", 503, RETRY_THROTTLED},
        {"PriorRequestNotComplete", 400, RETRY_THROTTLED},
        {"EC2ThrottledException", 400, RETRY_THROTTLED},
        {"Whatever", 429, RETRY_THROTTLED},
        {"", 509, RETRY_THROTTLED},
        {"RequestTimeout", 400, RETRY_TRANSIENT},
        {"RequestTimeoutException", 400, RETRY_TRANSIENT},
        {"InternalError", 500, RETRY_TRANSIENT},
        {"InternalFailure", 500, RETRY_TRANSIENT},
        {"ServiceUnavailable", 503, RETRY_TRANSIENT},
        {"IDPCommunicationError", 400, RETRY_TRANSIENT},
        {"", 500, RETRY_TRANSIENT},
        {"", 502, RETRY_TRANSIENT},
        {"Other", 503, RETRY_TRANSIENT},
        {"", 504, RETRY_TRANSIENT},
        {"", 408, RETRY_TRANSIENT},
        {"ExpiredToken", 400, RETRY_EXPIRED},
        {"ExpiredTokenException", 403, RETRY_EXPIRED},
        {"RequestExpired", 400, RETRY_EXPIRED},
        {"TokenRefreshRequired", 400, RETRY_EXPIRED},
        {"RequestTimeTooSkewed", 403, RETRY_SKEW},
        {"RequestInTheFuture", 403, RETRY_SKEW},
        {"SignatureDoesNotMatch", 403, RETRY_SKEW},
        {"InvalidSignatureException", 403, RETRY_SKEW},
        {"AccessDenied", 403, RETRY_NEVER},
        {"NoSuchBucket", 404, RETRY_NEVER},
        {"ValidationError", 400, RETRY_NEVER},
        {"NotImplemented", 501, RETRY_NEVER},
        {"LimitExceeded", 409, RETRY_NEVER}, /* IAM's: a quota of resources, not of calls */
        {"throttling", 400, RETRY_NEVER},
        {"", 200, RETRY_NEVER},
        {"", 0, RETRY_NEVER},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = api_error(cases[i].code, cases[i].status);
        if (retry_classify(&err) != cases[i].class)
            fail_msg("%s %d", cases[i].code, cases[i].status);
    }
}

static void test_classes_by_kind(void **state)
{
    static const struct {
        enum err_kind kind;
        int status;
        enum retry_class class;
    } cases[] = {
        {ERR_NET, 0, RETRY_TRANSIENT},     {ERR_TIMEOUT, 0, RETRY_TRANSIENT},
        {ERR_PARSE, 502, RETRY_TRANSIENT}, {ERR_PARSE, 200, RETRY_TRANSIENT},
        {ERR_PARSE, 0, RETRY_NEVER},       {ERR_LIMIT, 0, RETRY_NEVER},
        {ERR_CREDS, 0, RETRY_NEVER},       {ERR_DENIED, 0, RETRY_NEVER},
        {ERR_CANCELLED, 0, RETRY_NEVER},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = {.kind = cases[i].kind, .status = cases[i].status};
        assert_int_equal(retry_classify(&err), cases[i].class);
    }
}

/* SQS gives the older name in a header. */
static void test_alias(void **state)
{
    struct err err = api_error("com.amazonaws.sqs#Odd", 400);
    (void)state;
    snprintf(err.alias, sizeof err.alias, "RequestThrottled");
    assert_int_equal(retry_classify(&err), RETRY_THROTTLED);
}

static void test_attempts(void **state)
{
    struct err err = api_error("Throttling", 400);
    (void)state;
    for (int attempt = 1; attempt <= 4; attempt++) {
        struct retry_state call = reading(attempt);
        assert_true((decide(&call, &err, NULL, true) >= 0) == (attempt < 3));
    }
    struct retry_state once = {.attempt = 1, .max_attempts = 1, .idempotent = true};
    assert_int_equal(decide(&once, &err, NULL, true), -1);
}

/* A change is repeated if it was refused, or never sent; not if the outcome is unknown. */
static void test_changes(void **state)
{
    static const struct {
        struct err err;
        bool sent;
        bool idempotent;
        bool again;
    } cases[] = {
        {{.kind = ERR_NET}, true, false, false},
        {{.kind = ERR_NET}, false, false, true},
        {{.kind = ERR_NET}, true, true, true},
        {{.kind = ERR_TIMEOUT}, true, false, false},
        {{.kind = ERR_TIMEOUT}, false, false, true},
        {{.kind = ERR_API, .status = 500}, true, false, false},
        {{.kind = ERR_API, .status = 503}, true, false, false},
        {{.kind = ERR_API, .status = 503}, true, true, true},
        {{.kind = ERR_API, .status = 503, .code = "SlowDown"}, true, false, true},
        {{.kind = ERR_API, .status = 400, .code = "Throttling"}, true, false, true},
        {{.kind = ERR_API, .status = 400, .code = "ExpiredToken"}, true, false, true},
        {{.kind = ERR_API, .status = 403, .code = "AccessDenied"}, true, true, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct retry_state call = reading(1);
        call.idempotent = cases[i].idempotent;
        if ((decide(&call, &cases[i].err, NULL, cases[i].sent) >= 0) != cases[i].again)
            fail_msg("case %zu", i);
    }
}

/* Over many draws the delays cover the whole range, and never leave it. */
static void expect_range(int attempt, int64_t most)
{
    struct err err = api_error("Throttling", 400);
    int64_t least_seen = INT64_MAX;
    int64_t most_seen = 0;
    for (int i = 0; i < 400; i++) {
        struct retry_state call = reading(attempt);
        call.max_attempts = 1000;
        int64_t delay = decide(&call, &err, NULL, true);
        assert_in_range(delay, 0, most);
        least_seen = delay < least_seen ? delay : least_seen;
        most_seen = delay > most_seen ? delay : most_seen;
    }
    assert_true(least_seen < most / 10);
    assert_true(most_seen > most * 9 / 10);
}

static void test_back_off(void **state)
{
    (void)state;
    expect_range(1, 2000);
    expect_range(2, 4000);
    expect_range(4, 16000);
    expect_range(5, 20000);
    expect_range(100, 20000);
}

/* At least the delay, and at most what a draw may add: 2 s after the first attempt. */
static void expect_asked(const char *name, const char *value, int64_t least, int64_t most)
{
    struct err err = api_error("Throttling", 400);
    char lower[64];
    snprintf(lower, sizeof lower, "%s", name);
    struct http_header headers[] = {{lower, value}, {"date", "Mon, 23 Nov 2026 09:00:00 GMT"}};
    struct http_response response = answer_of(headers, 2);
    for (int i = 0; i < 20; i++) {
        struct retry_state call = reading(1);
        assert_in_range(decide(&call, &err, &response, true), least, most);
    }
}

static void test_what_servers_ask(void **state)
{
    (void)state;
    expect_asked("retry-after", "7", 7000, 7000);
    expect_asked("retry-after", "0", 0, 2000);
    expect_asked("retry-after", "100000000000000000000", 20000, 20000);
    expect_asked("retry-after", "3600", 20000, 20000);
    expect_asked("retry-after", "-5", 0, 2000);
    expect_asked("retry-after", "soon", 0, 2000);
    expect_asked("retry-after", "Mon, 23 Nov 2026 09:00:09 GMT", 9000, 9000); /* its clock */
    expect_asked("retry-after", "Mon, 23 Nov 2026 08:00:00 GMT", 0, 2000);
    expect_asked("retry-after", "Mon, 23 Nov 2026 19:00:00 GMT", 20000, 20000);
    expect_asked("x-amz-retry-after", "2500", 2500, 2500);
    expect_asked("x-amz-retry-after", "60000", 20000, 20000);
    expect_asked("x-amz-retry-after", "x", 0, 2000);
}

static void test_precise_wins(void **state)
{
    struct err err = api_error("Throttling", 400);
    struct http_header headers[] = {{"retry-after", "15"}, {"x-amz-retry-after", "3000"}};
    struct http_response response = answer_of(headers, 2);
    struct retry_state call = reading(1);
    (void)state;
    assert_int_equal(decide(&call, &err, &response, true), 3000);
    struct http_header date[] = {{"retry-after", "Mon, 23 Nov 2026 10:00:05 GMT"}};
    response = answer_of(date, 1);
    call = reading(1);
    assert_int_equal(decide(&call, &err, &response, true), 5000); /* by our own clock then */
}

static void test_expired_once(void **state)
{
    struct err err = api_error("ExpiredToken", 400);
    struct retry_quota quota = {0};
    struct retry_state call = reading(3); /* even after the last attempt, and without quota */
    (void)state;
    assert_int_equal(retry_decide(&call, &quota, &err, NULL, true), 0);
    assert_true(call.refreshed);
    assert_int_equal(retry_decide(&call, &quota, &err, NULL, true), -1);
}

static int64_t decide_with_date(const char *code, const char *date)
{
    struct err err = api_error(code, 403);
    struct http_header header = {"date", date};
    struct http_response response = answer_of(&header, 1);
    struct retry_state call = reading(1);
    return decide(&call, &err, &response, true);
}

static void test_skew(void **state)
{
    (void)state;
    assert_int_equal(decide_with_date("RequestTimeTooSkewed", "Mon, 23 Nov 2026 12:00:00 GMT"), 0);
    assert_int_equal(decide_with_date("RequestInTheFuture", "Mon, 23 Nov 2026 09:00:00 GMT"), 0);
    assert_int_equal(decide_with_date("RequestTimeTooSkewed", "yesterday"), -1);
    assert_int_equal(decide_with_date("SignatureDoesNotMatch", "Mon, 23 Nov 2026 10:04:00 GMT"),
                     -1);
    assert_int_equal(decide_with_date("SignatureDoesNotMatch", "Mon, 23 Nov 2026 10:04:01 GMT"), 0);
    assert_int_equal(decide_with_date("InvalidSignatureException", "Mon, 23 Nov 2026 09:56:00 GMT"),
                     -1);
    assert_int_equal(decide_with_date("InvalidSignatureException", "Mon, 23 Nov 2026 09:55:59 GMT"),
                     0);
}

static void test_skew_once(void **state)
{
    struct err err = api_error("RequestTimeTooSkewed", 403);
    struct http_header header = {"date", "Mon, 23 Nov 2026 12:00:00 GMT"};
    struct http_response response = answer_of(&header, 1);
    struct retry_state call = reading(1);
    (void)state;
    assert_int_equal(decide(&call, &err, NULL, true), -1); /* nothing gives the time */
    assert_int_equal(decide(&call, &err, &response, true), 0);
    assert_int_equal(decide(&call, &err, &response, true), -1);
}

static void test_clock_skew(void **state)
{
    struct http_header header = {"date", "Mon, 23 Nov 2026 10:00:30 GMT"};
    struct http_response response = answer_of(&header, 1);
    (void)state;
    assert_int_equal(retry_clock_skew(&response), 30000);
    header.value = "Mon, 23 Nov 2026 09:59:50 GMT";
    assert_int_equal(retry_clock_skew(&response), -10000);
    header.value = "noon";
    assert_int_equal(retry_clock_skew(&response), 0);
    response.header_count = 0;
    assert_int_equal(retry_clock_skew(&response), 0);
    assert_int_equal(retry_clock_skew(NULL), 0);
    header.value = "Mon, 23 Nov 2026 10:04:00 GMT"; /* four minutes are tolerated */
    response.header_count = 1;
    assert_false(retry_clock_is_wrong(&response));
    header.value = "Mon, 23 Nov 2026 10:04:01 GMT";
    assert_true(retry_clock_is_wrong(&response));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_classes_by_kind),
        cmocka_unit_test(test_alias),
        cmocka_unit_test(test_attempts),
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_back_off),
        cmocka_unit_test(test_what_servers_ask),
        cmocka_unit_test(test_precise_wins),
        cmocka_unit_test(test_expired_once),
        cmocka_unit_test(test_skew),
        cmocka_unit_test(test_skew_once),
        cmocka_unit_test(test_clock_skew),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
