/* What retries cost, what is returned to the quota, and what is not a retry but a wait for a turn.
 * */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "aws/retry/retry.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static struct err api_error(const char *code, int status)
{
    struct err err = {.kind = ERR_API, .status = status};
    snprintf(err.code, sizeof err.code, "%s", code);
    return err;
}

static struct retry_state reading(int attempt)
{
    return (struct retry_state){.attempt = attempt, .max_attempts = 5, .idempotent = true};
}

static void test_quota(void **state)
{
    struct err broken = {.kind = ERR_NET};
    struct err late = {.kind = ERR_TIMEOUT};
    struct retry_quota quota;
    struct retry_state call = reading(1);
    (void)state;
    retry_quota_init(&quota);
    assert_int_equal(quota.tokens, 500);
    assert_true(retry_decide(&call, &quota, &broken, NULL, true) >= 0);
    assert_int_equal(quota.tokens, 495);
    retry_success(&call, &quota);
    assert_int_equal(quota.tokens, 500);
    assert_true(retry_decide(&call, &quota, &late, NULL, true) >= 0);
    assert_int_equal(quota.tokens, 490);
    struct retry_state other = reading(1);
    retry_success(&other, &quota); /* a first attempt that succeeds returns one unit */
    assert_int_equal(quota.tokens, 491);
    retry_success(&call, &quota);
    retry_success(&call, &quota);
    assert_int_equal(quota.tokens, 500); /* and never more than at first */
}

static void test_quota_runs_out(void **state)
{
    struct err broken = {.kind = ERR_NET};
    struct err late = {.kind = ERR_TIMEOUT};
    struct retry_quota quota;
    (void)state;
    retry_quota_init(&quota);
    for (int i = 0; i < 99; i++) {
        struct retry_state call = reading(1);
        assert_true(retry_decide(&call, &quota, &broken, NULL, true) >= 0);
    }
    struct retry_state call = reading(1);
    assert_int_equal(retry_decide(&call, &quota, &late, NULL, true), -1);
    assert_int_equal(quota.tokens, 5);
    assert_true(retry_decide(&call, &quota, &broken, NULL, true) >= 0);
    assert_int_equal(retry_decide(&call, &quota, &broken, NULL, true), -1);
    assert_int_equal(quota.tokens, 0);
}

/* Everything that its retries took is returned, however many there were. */
static void test_success_returns_the_whole_cost(void **state)
{
    struct err broken = {.kind = ERR_NET};
    struct err late = {.kind = ERR_TIMEOUT};
    struct retry_quota quota;
    struct retry_state call = reading(1);
    (void)state;
    retry_quota_init(&quota);
    assert_true(retry_decide(&call, &quota, &broken, NULL, true) >= 0);
    assert_true(retry_decide(&call, &quota, &late, NULL, true) >= 0);
    assert_true(retry_decide(&call, &quota, &broken, NULL, true) >= 0);
    assert_int_equal(quota.tokens, 480);
    retry_success(&call, &quota);
    assert_int_equal(quota.tokens, 500);
}

static void test_which_codes_are_throttles(void **state)
{
    static const struct {
        const char *code;
        int status;
        bool rate;
    } cases[] = {
        {"RequestLimitExceeded", 503, true},
        {"Throttling", 400, true},
        {"RequestThrottled", 400, true},
        {"KmsThrottled", 400, true},
        {"TooManyRequestsException", 429, true},
        {"SlowDown", 503, true},
        {"", 429, true},
        {"LimitExceededException", 400, false}, /* a quota of resources */
        {"TransactionInProgressException", 400, false},
        {"PriorRequestNotComplete", 400, false},
        {"ServiceUnavailable", 503, false},
        {"AccessDenied", 403, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = api_error(cases[i].code, cases[i].status);
        if (retry_is_rate(&err) != cases[i].rate)
            fail_msg("%s %d", cases[i].code, cases[i].status);
    }
}

/* Without a pacer: at growing intervals, but always. */
static void test_throttled_without_a_pacer(void **state)
{
    struct retry_state call = reading(1);
    (void)state;
    for (int i = 0; i < 100; i++) {
        int64_t delay = retry_throttled_ms(&call, NULL);
        assert_in_range(delay, 0, i < 5 ? 1000 << i : 20000);
    }
    assert_int_equal(call.attempt, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quota),
        cmocka_unit_test(test_quota_runs_out),
        cmocka_unit_test(test_success_returns_the_whole_cost),
        cmocka_unit_test(test_which_codes_are_throttles),
        cmocka_unit_test(test_throttled_without_a_pacer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
