/* The cache of assumed roles: one session for each combination of options, and what STS refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "aws/creds/creds_cache.h"
#include "aws/creds/creds_sts.h"
#include "base/mem.h"
#include "support/creds_case.h"

#define STS "https://sts.us-east-1.amazonaws.com/"
#define ROLE "arn:aws:iam::111122223333:role/member"
#define IN_AN_HOUR "2026-11-23T11:00:00Z"

static struct creds_provider *own_keys(void)
{
    struct creds *creds = creds_new("AKIDOWN", SECRET, NULL, 0);
    struct creds_provider *source = creds_static(creds);
    creds_drop(creds);
    return source;
}

static void reply_keys(const char *access_key)
{
    case_reply("POST", STS, 200, case_sts_xml("AssumeRole", access_key, IN_AN_HOUR));
}

static void test_cache(void **state)
{
    (void)state;
    struct creds_provider *source = own_keys();
    struct creds_cache *cache = creds_cache_new(&case_env, source);
    creds_provider_drop(source);
    const struct creds_assume options[] = {
        {.role_arn = ROLE},
        {.role_arn = ROLE "2"},
        {.role_arn = ROLE, .session_policy = "{}"},
        {.role_arn = ROLE, .external_id = "{}"},
        {.role_arn = ROLE, .session_name = "{}"},
        {.role_arn = ROLE, .duration_s = 900},
        {.role_arn = ROLE, .session_policy = ""},
    };
    enum { COUNT = sizeof options / sizeof *options };
    struct creds_provider *found[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        found[i] = creds_cache_role(cache, &options[i]);
        for (size_t j = 0; j < i; j++)
            assert_ptr_not_equal(found[i], found[j]);
    }
    for (size_t i = 0; i < COUNT; i++)
        assert_ptr_equal(creds_cache_role(cache, &options[i]), found[i]);
    struct outcome outcome = {0};
    reply_keys("ASIAONE");
    case_get(found[0], &outcome);
    case_keys(&outcome, "ASIAONE");
    creds_cache_free(cache);
}

/* Two policies that differ only at their very ends give two sessions, however long they are. */
static void test_cache_of_long_policies(void **state)
{
    (void)state;
    struct creds_provider *source = own_keys();
    struct creds_cache *cache = creds_cache_new(&case_env, source);
    char *policy = mem_alloc(200001);
    memset(policy, ' ', 200000);
    struct creds_assume options = {.role_arn = ROLE, .session_policy = policy};
    struct creds_provider *one = creds_cache_role(cache, &options);
    policy[199999] = 'x';
    assert_ptr_not_equal(creds_cache_role(cache, &options), one);
    mem_free(policy);
    struct outcome outcome = {0};
    case_get(one, &outcome);
    case_failure(&outcome, "the session policy has 200000 characters; at most 2048");
    creds_cache_free(cache);
    creds_provider_drop(source);
}

/* Thousands of resources may be in an account whose role cannot be assumed: for half a minute they
 * all get the same answer. Other errors are no answer about the role. */
static void test_refusals(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    struct creds_provider *source = own_keys();
    struct creds_cache *cache = creds_cache_new(&case_env, source);
    struct creds_provider *role = creds_cache_role(cache, &(struct creds_assume){.role_arn = ROLE});
    case_reply("POST", STS, 400, case_sts_error("MalformedPolicyDocument", "no"));
    case_get(role, &outcome);
    case_failure(&outcome, "malformed");
    case_reply("POST", STS, 403, case_sts_error("AccessDenied", "not now"));
    for (int i = 0; i < 3; i++) {
        case_get(role, &outcome);
        case_failure(&outcome, "not now");
    }
    case_now += 31000;
    reply_keys("ASIAONE");
    case_get(role, &outcome);
    case_keys(&outcome, "ASIAONE");
    assert_int_equal(case_requests(), 3);
    creds_cache_free(cache);
    creds_provider_drop(source);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, case_setup, case_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {CASE(test_cache), CASE(test_cache_of_long_policies),
                                       CASE(test_refusals)};
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
