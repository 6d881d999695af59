/* One fetch for many waiters, failures reported to each waiter, cancelling, and how STS's refusals
 * are reported. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aws/creds/creds_sts.h"
#include "base/mem.h"
#include "support/creds_case.h"

#define STS "https://sts.us-east-1.amazonaws.com/"
#define ROLE "arn:aws:iam::111122223333:role/member"
#define IN_AN_HOUR "2026-11-23T11:00:00Z"
#define MANY 500

static struct creds_provider *role_of(struct creds_provider *source)
{
    return creds_assume_role(&case_env, source, &(struct creds_assume){.role_arn = ROLE});
}

static struct creds_provider *plain_role(void)
{
    struct creds *creds = creds_new("AKIDOWN", SECRET, NULL, 0);
    struct creds_provider *source = creds_static(creds);
    struct creds_provider *provider = role_of(source);
    creds_provider_drop(source);
    creds_drop(creds);
    return provider;
}

static void reply_keys(const char *access_key)
{
    case_reply("POST", STS, 200, case_sts_xml("AssumeRole", access_key, IN_AN_HOUR));
}

static void reply_error(int status, const char *code, const char *message)
{
    case_reply("POST", STS, status, case_sts_error(code, message));
}

static void test_one_fetch_for_many(void **state)
{
    (void)state;
    static struct outcome outcome[MANY];
    struct creds_provider *provider = plain_role();
    reply_keys("ASIAONE");
    for (int i = 0; i < MANY; i++)
        case_ask(provider, &outcome[i]);
    case_run();
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(outcome[i].calls, 1);
        assert_ptr_equal(outcome[i].creds, outcome[0].creds);
    }
    for (int i = 0; i < MANY; i++)
        case_keys(&outcome[i], "ASIAONE");
    assert_int_equal(case_requests(), 1);
    creds_provider_drop(provider);
}

static void test_failure_for_each(void **state)
{
    (void)state;
    static struct outcome outcome[MANY];
    struct creds_provider *provider = plain_role();
    reply_error(403, "AccessDenied", "User: arn:aws:iam::1:user/u is not authorized");
    for (int i = 0; i < MANY; i++)
        case_ask(provider, &outcome[i]);
    case_run();
    for (int i = 0; i < MANY; i++)
        case_failure(&outcome[i], "user/u is not authorized");
    creds_provider_drop(provider);
}

/* Callbacks that make further calls. */

struct mischief {
    struct creds_provider *provider;
    struct outcome *cancelled; /* another waiter, cancelled from within a callback */
    struct outcome again;      /* requested from within a callback */
    int calls;
};

static void on_told(void *arg, struct creds *creds, const struct err *err)
{
    struct mischief *mischief = arg;
    (void)creds;
    (void)err;
    mischief->calls++;
    if (mischief->cancelled != NULL && mischief->cancelled->waiter != NULL) {
        creds_cancel(mischief->cancelled->waiter);
        mischief->cancelled->waiter = NULL;
    }
    case_ask(mischief->provider, &mischief->again);
    creds_provider_drop(mischief->provider);
}

/* By then the provider has the keys: a new request is answered at once, from the same fetch. */
static void test_waiters_are_called_after_the_state(void **state)
{
    (void)state;
    struct outcome first = {0}, cancelled = {0}, last = {0};
    struct mischief mischief = {.provider = plain_role(), .cancelled = &cancelled};
    reply_keys("ASIAONE");
    case_ask(mischief.provider, &first);
    assert_non_null(creds_get(mischief.provider, on_told, &mischief));
    case_ask(mischief.provider, &cancelled);
    case_ask(mischief.provider, &last);
    case_run();
    case_keys(&first, "ASIAONE");
    case_keys(&last, "ASIAONE");
    case_keys(&mischief.again, "ASIAONE");
    assert_int_equal(mischief.calls, 1);
    assert_int_equal(cancelled.calls, 0);
}

/* A request after a failure starts a new fetch. */
static void test_ask_again_from_a_failure(void **state)
{
    (void)state;
    struct outcome last = {0};
    struct mischief mischief = {.provider = plain_role()};
    reply_error(403, "AccessDenied", "no");
    reply_keys("ASIAONE");
    assert_non_null(creds_get(mischief.provider, on_told, &mischief));
    case_ask(mischief.provider, &last);
    case_run();
    case_failure(&last, "AccessDenied: no");
    case_keys(&mischief.again, "ASIAONE");
    assert_int_equal(mischief.calls, 1);
}

static void test_cancel(void **state)
{
    (void)state;
    struct outcome first = {0}, second = {0}, third = {0};
    struct creds_provider *provider = plain_role();
    reply_keys("ASIAONE");
    case_ask(provider, &first);
    case_ask(provider, &second);
    case_ask(provider, &third);
    creds_cancel(second.waiter);
    creds_cancel(third.waiter);
    case_ask(provider, &third);
    case_run();
    case_keys(&first, "ASIAONE");
    case_keys(&third, "ASIAONE");
    assert_int_equal(second.calls, 0);
    creds_provider_drop(provider);
}

/* When the last waiter gives up, the fetch ends; the next request starts another. */
static void test_cancel_all(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    struct creds_provider *provider = plain_role();
    case_silence("POST", STS);
    case_ask(provider, &outcome);
    creds_cancel(outcome.waiter);
    assert_int_equal(outcome.calls, 0);
    reply_keys("ASIAONE");
    case_get(provider, &outcome);
    case_keys(&outcome, "ASIAONE");
    creds_provider_drop(provider);
}

/* A role that is assumed through another role: giving up reaches the innermost request, even
 * between two attempts. */
static void test_cancel_nested(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    struct creds_provider *inner = plain_role();
    struct creds_provider *outer = role_of(inner);
    creds_provider_drop(inner);
    case_silence("POST", STS);
    case_ask(outer, &outcome);
    creds_provider_drop(outer);
    creds_cancel(outcome.waiter);
    outer = plain_role();
    reply_error(503, "ServiceUnavailable", "later");
    case_ask(outer, &outcome);
    while (case_requests() < 2 || !loop_turn(case_env.loop, 0))
        ;
    loop_turn(case_env.loop, 0);
    creds_cancel(outcome.waiter);
    creds_provider_drop(outer);
    assert_int_equal(outcome.calls, 0);
}

static void test_role_by_role(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    struct creds_provider *inner = plain_role();
    struct creds_provider *outer = role_of(inner);
    reply_keys("ASIAONE");
    reply_keys("ASIATWO");
    case_get(outer, &outcome);
    case_keys(&outcome, "ASIATWO");
    assert_non_null(strstr(case_request_headers(1), "Credential=ASIAONE/"));
    assert_non_null(strstr(case_request_headers(1), "x-amz-security-token: token-" SECRET));
    reply_error(403, "AccessDenied", "no");
    struct creds_provider *other = role_of(inner);
    case_get(other, &outcome);
    case_failure(&outcome, "role " ROLE " could not be assumed");
    creds_provider_drop(other);
    creds_provider_drop(inner);
    creds_provider_drop(outer);
}

/* Repeating. */

static void test_transient(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    struct creds_provider *provider = plain_role();
    reply_error(503, "ServiceUnavailable", "later");
    case_fault("POST", STS, ERR_TIMEOUT, true);
    reply_keys("ASIAONE");
    case_get(provider, &outcome);
    case_keys(&outcome, "ASIAONE");
    creds_provider_drop(provider);
}

/* However many attempts there are: too many roles were assumed at the same time. */
static void test_throttled_for_long(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    struct creds_provider *provider = plain_role();
    case_env.max_attempts = 2;
    for (int i = 0; i < 12; i++)
        reply_error(400, "Throttling", "Rate exceeded");
    reply_keys("ASIAONE");
    case_get(provider, &outcome);
    case_keys(&outcome, "ASIAONE");
    creds_provider_drop(provider);
}

static void test_throttled_for_good(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    struct creds_provider *provider = plain_role();
    case_env.max_attempts = 2;
    case_env.stop_ms = 1; /* there is no time for another attempt */
    reply_error(400, "Throttling", "Rate exceeded");
    case_get(provider, &outcome);
    assert_int_equal(outcome.err.kind, ERR_CREDS);
    assert_string_equal(outcome.err.code, "Throttling");
    assert_int_equal(outcome.err.status, 400);
    assert_string_equal(outcome.err.request_id, "id-1");
    assert_string_equal(outcome.err.operation, "sts:AssumeRole");
    case_failure(&outcome, "role " ROLE " could not be assumed (Throttling: Rate exceeded)");
    case_fault("POST", STS, ERR_NET, false);
    case_fault("POST", STS, ERR_NET, false);
    case_get(provider, &outcome);
    assert_int_equal(outcome.err.kind, ERR_NET);
    case_failure(&outcome, "sts:AssumeRole for " ROLE ": could not connect");
    creds_provider_drop(provider);
}

static void test_clock_is_corrected(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    struct creds_provider *provider = plain_role();
    reply_error(403, "RequestTimeTooSkewed", "the clock");
    case_reply_header("date", "Mon, 23 Nov 2026 10:30:00 GMT");
    reply_keys("ASIAONE");
    case_get(provider, &outcome);
    case_keys(&outcome, "ASIAONE");
    assert_non_null(strstr(case_request_headers(1), "x-amz-date: 20261123T103000Z\n"));
    creds_provider_drop(provider);
}

/* The session that makes the call has expired: it is renewed first, once. */
static void test_callers_session_expired(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    struct creds_provider *inner = plain_role();
    struct creds_provider *outer = role_of(inner);
    reply_keys("ASIAONE");
    reply_error(403, "ExpiredToken", "expired");
    reply_keys("ASIATWO");
    reply_keys("ASIATHREE");
    case_get(outer, &outcome);
    case_keys(&outcome, "ASIATHREE");
    assert_non_null(strstr(case_request_headers(1), "Credential=ASIAONE/"));
    assert_non_null(strstr(case_request_headers(3), "Credential=ASIATWO/"));
    creds_provider_drop(inner);
    creds_provider_drop(outer);
}

/* The messages that people read. */

static void check_error(int status, const char *code, const char *part)
{
    struct outcome outcome = {0};
    struct creds_provider *provider = plain_role();
    reply_error(status, code, "Because.\n\nThe Canonical String was\n'token:" SECRET "'");
    case_get(provider, &outcome);
    assert_non_null(strstr(outcome.err.message, ROLE));
    assert_non_null(strstr(outcome.err.message, "Because."));
    assert_int_equal(outcome.err.kind, ERR_CREDS);
    case_failure(&outcome, part);
    creds_provider_drop(provider);
}

static void test_errors_say_what_to_do(void **state)
{
    (void)state;
    check_error(403, "AccessDenied", "trust policy names this caller and the external id");
    check_error(403, "AccessDenied", "is allowed sts:AssumeRole on it");
    check_error(403, "SignatureDoesNotMatch", "secret key does not belong to its access key");
    check_error(403, "InvalidClientTokenId", "is not known");
    check_error(400, "PackedPolicyTooLarge", "declare fewer permissions");
    check_error(403, "RegionDisabledException", "AWS_REGION");
    check_error(400, "ValidationError", "(ValidationError: Because.)");
}

static void check_answer(int status, const char *body, const char *part)
{
    struct outcome outcome = {0};
    struct creds_provider *provider = plain_role();
    case_reply("POST", STS, status, body);
    case_get(provider, &outcome);
    case_failure(&outcome, part);
    creds_provider_drop(provider);
}

static void test_odd_answers(void **state)
{
    (void)state;
    check_answer(200, "", "not XML");
    check_answer(200, "{\"a\":\"" SECRET "\"}", "not XML");
    check_answer(200, "<AssumeRoleResponse/>", "contains no credentials");
    check_answer(200, case_sts_xml("AssumeRole", "A", "soon"), "contains no credentials");
    check_answer(200, case_sts_xml("GetSessionToken", "A", IN_AN_HOUR), "contains no credentials");
    check_answer(403, "", "no reason was given with status 403");
    check_answer(403, "<html>" SECRET "</html>", "no reason was given");
    check_answer(403, "<E><Errors><Error><Code>X</Code></Error></Errors></E>", "(X: ");
    check_answer(403, "<Error><Code>Y</Code><Message>m</Message></Error>", "(Y: m)");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, case_setup, case_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_one_fetch_for_many),
        CASE(test_failure_for_each),
        CASE(test_waiters_are_called_after_the_state),
        CASE(test_ask_again_from_a_failure),
        CASE(test_cancel),
        CASE(test_cancel_all),
        CASE(test_cancel_nested),
        CASE(test_role_by_role),
        CASE(test_transient),
        CASE(test_throttled_for_long),
        CASE(test_throttled_for_good),
        CASE(test_clock_is_corrected),
        CASE(test_callers_session_expired),
        CASE(test_errors_say_what_to_do),
        CASE(test_odd_answers),
    };
    mem_install();
    return cmocka_run_group_tests_name("creds_waiters", tests, NULL, NULL);
}
