/* Which session reads a type in an account: types of a run share it, the client still knows only
 * the reads of the one type, and types that STS refuses together get smaller sessions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "accounts/own_changes.h"
#include "accounts/sessions.h"
#include "aws/model/model_open.h"
#include "aws/operations/opset.h"
#include "base/log.h"
#include "base/mem.h"
#include "support/creds_case.h"
#include "support/models.h"
#include "value/json.h"

#define STS "https://sts.us-east-1.amazonaws.com/"
#define ONE "111122223333"
#define TWO "222233334444"
#define IN_AN_HOUR "2026-11-23T11:00:00Z"
#define TYPES 3
#define WARNING "PackedPolicyTooLarge"

static struct {
    struct settings settings;
    struct evaluator evaluator;
    struct policy policies[TYPES];
    const struct policy *all[TYPES];
    struct model_set *models;
    struct endpoints *endpoints;
    struct creds_provider *own;
    struct sessions *sessions;
    int warnings;
} here;

static const char *const types[TYPES] = {"queue", "table", "topic"};
static const char *const reads[TYPES] = {"sqs:GetQueueAttributes", "dynamodb:DescribeTable",
                                         "sns:GetTopicAttributes"};
static const char *const writes[TYPES] = {"sqs:SetQueueAttributes", "dynamodb:UpdateTable",
                                          "sns:SetTopicAttributes"};

static const struct policy *find(void *self, const char *type)
{
    (void)self;
    for (size_t i = 0; i < TYPES; i++) {
        if (strcmp(types[i], type) == 0)
            return &here.policies[i];
    }
    return NULL;
}

static const struct policy *const *all(void *self, size_t *count)
{
    (void)self;
    *count = TYPES;
    return here.all;
}

static json_t *permission(const char *action)
{
    return json_pack("[{s:s}]", "action", action);
}

static void make_policy(size_t i)
{
    struct opset *set = opset_new();
    const char *operation = strchr(reads[i], ':') + 1;
    char *service = mem_strndup(reads[i], (size_t)(operation - 1 - reads[i]));
    char *check = mem_printf("%s.check", types[i]);
    opset_add(set, service, operation);
    here.policies[i] = (struct policy){.type = types[i], .reads = set};
    here.policies[i].meta =
        json_pack("{s:{s:o, s:o}, s:[{s:s}]}", "permissions", "read", permission(reads[i]), "write",
                  permission(writes[i]), "checks", "id", check);
    here.all[i] = &here.policies[i];
    mem_free(check);
    mem_free(service);
}

static void on_log(enum log_level level, const char *text)
{
    here.warnings += level == LOG_WARN && strstr(text, WARNING) != NULL;
}

static int set_up(void **state)
{
    case_setup(state);
    memset(&here, 0, sizeof here);
    here.settings.member_role = mem_strdup("member");
    here.evaluator = (struct evaluator){.find = find, .all = all};
    for (size_t i = 0; i < TYPES; i++)
        make_policy(i);
    struct creds *creds = creds_new("AKIDOWN", SECRET, NULL, 0);
    here.own = creds_static(creds);
    creds_drop(creds);
    here.models = real_models();
    here.endpoints = endpoints_new(here.models, case_env.getenv);
    here.sessions = sessions_new(&case_env, here.own, &here.settings, here.endpoints);
    log_set_sink(on_log);
    return 0;
}

static int tear_down(void **state)
{
    log_set_sink(NULL);
    sessions_free(here.sessions);
    endpoints_free(here.endpoints);
    model_set_free(here.models);
    creds_provider_drop(here.own);
    for (size_t i = 0; i < TYPES; i++) {
        opset_free((struct opset *)(uintptr_t)here.policies[i].reads);
        json_decref((json_t *)(uintptr_t)here.policies[i].meta);
    }
    text_list_clear(&here.settings.types);
    mem_free(here.settings.member_role);
    return case_teardown(state);
}

static void reply_keys(const char *access_key)
{
    case_reply("POST", STS, 200, case_sts_xml("AssumeRole", access_key, IN_AN_HOUR));
}

static void reply_too_large(void)
{
    case_reply("POST", STS, 400,
               case_sts_error(WARNING, "Packed policy consumes 120% of allotted space"));
}

static const struct session *reader(size_t type, const char *account, const char *region)
{
    struct err err = {0};
    const struct session *session =
        sessions_reader(here.sessions, &here.policies[type], account, region, &err);
    assert_non_null(session);
    assert_int_equal(session->permit, PERMIT_READ);
    assert_ptr_equal(session->allowed, here.policies[type].reads);
    assert_string_equal(session->account, account);
    return session;
}

static void expect_keys(size_t type, const char *account, const char *access_key)
{
    struct outcome outcome = {0};
    case_get(reader(type, account, "us-east-1")->provider, &outcome);
    case_keys(&outcome, access_key);
}

static bool sent(int request, const char *action)
{
    char escaped[128];
    const char *colon = strchr(action, ':');
    snprintf(escaped, sizeof escaped, "%%22%.*s%%3A%s%%22", (int)(colon - action), action,
             colon + 1);
    return strstr(case_request_body(request), escaped) != NULL;
}

static void test_types_share_one_session(void **state)
{
    (void)state;
    sessions_share(here.sessions, &here.evaluator, NULL);
    reply_keys("ASIAONE");
    for (size_t i = 0; i < TYPES; i++)
        expect_keys(i, ONE, "ASIAONE");
    assert_int_equal(case_requests(), 1);
    for (size_t i = 0; i < TYPES; i++) {
        assert_true(sent(0, reads[i]));
        assert_false(sent(0, writes[i]));
    }
    assert_int_equal(sessions_count(here.sessions), 1);
    reply_keys("ASIATWO");
    expect_keys(1, TWO, "ASIATWO");
    assert_non_null(strstr(case_request_body(1), TWO));
}

/* Whatever the region of the resource; a partition of its own has a role of its own. */
static void test_one_session_for_all_regions(void **state)
{
    (void)state;
    sessions_share(here.sessions, &here.evaluator, NULL);
    const struct session *session = reader(0, ONE, "us-east-1");
    assert_ptr_equal(reader(0, ONE, "ap-east-1"), session);
    assert_ptr_not_equal(reader(0, ONE, "cn-north-1"), session);
}

/* Only what the run audits is in the session policy. */
static void test_selected_types(void **state)
{
    (void)state;
    json_t *selected = json_pack("{s:b, s:b}", "queue.check", 1, "table.check", 1);
    text_list_add(&here.settings.types, "table");
    text_list_add(&here.settings.types, "topic");
    sessions_share(here.sessions, &here.evaluator, selected);
    reply_keys("ASIATABLE");
    expect_keys(1, ONE, "ASIATABLE");
    assert_true(sent(0, reads[1]));
    assert_false(sent(0, reads[0]));
    assert_false(sent(0, reads[2]));
    reply_keys("ASIAQUEUE");
    expect_keys(0, ONE, "ASIAQUEUE");
    assert_true(sent(1, reads[0]));
    assert_false(sent(1, reads[1]));
    json_decref(selected);
}

static void test_writer_has_one_type(void **state)
{
    (void)state;
    struct err err = {0};
    struct outcome outcome = {0};
    sessions_share(here.sessions, &here.evaluator, NULL);
    reply_keys("ASIAREAD");
    expect_keys(0, ONE, "ASIAREAD");
    reply_keys("ASIAWRITE");
    case_get(sessions_writer(here.sessions, &here.policies[0], ONE, "us-east-1", &err), &outcome);
    case_keys(&outcome, "ASIAWRITE");
    assert_true(sent(1, reads[0]) && sent(1, writes[0]));
    assert_false(sent(1, reads[1]) || sent(1, writes[1]));
    assert_non_null(strstr(case_request_body(1), "RoleSessionName=" OWN_CHANGES_PREFIX));
    assert_null(strstr(case_request_body(0), OWN_CHANGES_PREFIX));
}

/* STS accepts the policy of one type, but not of two: the account is entered by each type, and
 * other accounts no longer try. */
static void test_refused_together(void **state)
{
    (void)state;
    sessions_share(here.sessions, &here.evaluator, NULL);
    reply_too_large();
    reply_too_large();
    reply_keys("ASIAONE");
    expect_keys(0, ONE, "ASIAONE");
    assert_true(sent(2, reads[0]));
    assert_false(sent(2, reads[1]) || sent(2, reads[2]));
    reply_keys("ASIATWO");
    expect_keys(1, ONE, "ASIATWO");
    reply_keys("ASIATHREE");
    expect_keys(2, ONE, "ASIATHREE");
    for (size_t i = 0; i < TYPES; i++) {
        reply_keys("ASIAOTHER");
        expect_keys(i, TWO, "ASIAOTHER");
    }
    assert_int_equal(case_requests(), 8);
    assert_int_equal(here.warnings, 1);
}

/* Requests for two accounts are in progress when STS refuses both. */
static void test_refused_twice_at_once(void **state)
{
    (void)state;
    struct outcome one = {0}, two = {0};
    sessions_share(here.sessions, &here.evaluator, NULL);
    for (int i = 0; i < 2; i++)
        reply_too_large();
    reply_keys("ASIAONE");
    reply_keys("ASIATWO");
    case_ask(reader(0, ONE, "us-east-1")->provider, &one);
    case_ask(reader(0, TWO, "us-east-1")->provider, &two);
    case_run();
    assert_int_equal(one.calls + two.calls, 2);
    assert_null(one.err.code[0] != '\0' ? one.err.code : NULL);
    assert_int_equal(case_requests(), 4); /* the group was divided once, not twice */
    case_clear(&one);
    case_clear(&two);
}

/* A single type is refused: the error says so. */
static void test_refused_alone(void **state)
{
    (void)state;
    struct outcome outcome = {0};
    text_list_add(&here.settings.types, "queue");
    sessions_share(here.sessions, &here.evaluator, NULL);
    reply_too_large();
    case_get(reader(0, ONE, "us-east-1")->provider, &outcome);
    case_failure(&outcome, "the session policy is too large: declare fewer permissions");
    assert_int_equal(here.warnings, 0);
}

/* AWS refused the credentials as expired: the session that is shared is made again, once. */
static void test_expired(void **state)
{
    (void)state;
    sessions_share(here.sessions, &here.evaluator, NULL);
    struct outcome outcome = {0};
    struct creds_provider *provider = reader(0, ONE, "us-east-1")->provider;
    reply_keys("ASIAOLD");
    case_get(provider, &outcome);
    creds_expire(provider, outcome.creds);
    case_keys(&outcome, "ASIAOLD");
    reply_keys("ASIANEW");
    expect_keys(1, ONE, "ASIANEW");
    expect_keys(0, ONE, "ASIANEW");
}

static void test_cancelled(void **state)
{
    (void)state;
    sessions_share(here.sessions, &here.evaluator, NULL);
    struct outcome outcome = {0};
    case_silence("POST", STS);
    case_ask(reader(0, ONE, "us-east-1")->provider, &outcome);
    creds_cancel(outcome.waiter);
    reply_keys("ASIAONE");
    expect_keys(0, ONE, "ASIAONE");
}

static void test_type_that_is_too_large(void **state)
{
    (void)state;
    struct err err = {0};
    json_t *permissions = json_object_get(here.policies[0].meta, "permissions");
    json_t *many = json_array();
    for (int i = 0; i < 100; i++) {
        char action[32];
        snprintf(action, sizeof action, "sqs:GetQueueAttributes%d", i);
        json_array_append_new(many, json_pack("{s:s}", "action", action));
    }
    json_object_set_new(permissions, "read", many);
    sessions_share(here.sessions, &here.evaluator, NULL);
    assert_null(sessions_reader(here.sessions, &here.policies[0], ONE, "us-east-1", &err));
    assert_int_equal(err.kind, ERR_POLICY);
    assert_non_null(strstr(err.message, "more than the limit of 2048: declare fewer actions"));
    reply_keys("ASIAONE");
    expect_keys(1, ONE, "ASIAONE");
    expect_keys(2, ONE, "ASIAONE");
}

/* The regions of each account are listed with a session that exists anyway. */
static void test_regions(void **state)
{
    (void)state;
    static const char *const actions[] = {"ec2:DescribeRegions", NULL};
    struct err err = {0};
    struct outcome outcome = {0};
    here.settings.all_regions = true;
    sessions_share(here.sessions, &here.evaluator, NULL);
    reply_keys("ASIAONE");
    case_get(sessions_for_actions(here.sessions, ONE, "us-east-1", actions, &err), &outcome);
    case_keys(&outcome, "ASIAONE");
    expect_keys(0, ONE, "ASIAONE");
    assert_true(sent(0, "ec2:DescribeRegions") && sent(0, reads[2]));
}

static void test_forget(void **state)
{
    (void)state;
    sessions_share(here.sessions, &here.evaluator, NULL);
    reply_too_large();
    reply_keys("ASIAONE");
    expect_keys(2, ONE, "ASIAONE");
    sessions_forget(here.sessions);
    assert_int_equal(sessions_count(here.sessions), 0);
    reply_keys("ASIATWO"); /* what STS refuses is remembered */
    expect_keys(2, ONE, "ASIATWO");
}

static void test_without_roles(void **state)
{
    (void)state;
    struct err err = {0};
    here.settings.no_assume_role = true;
    sessions_set_caller(here.sessions, ONE);
    sessions_share(here.sessions, &here.evaluator, NULL);
    expect_keys(0, ONE, "AKIDOWN");
    assert_null(sessions_reader(here.sessions, &here.policies[0], TWO, "us-east-1", &err));
    assert_int_equal(err.kind, ERR_CREDS);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {CASE(test_types_share_one_session),
                                       CASE(test_one_session_for_all_regions),
                                       CASE(test_selected_types),
                                       CASE(test_writer_has_one_type),
                                       CASE(test_refused_together),
                                       CASE(test_refused_twice_at_once),
                                       CASE(test_refused_alone),
                                       CASE(test_expired),
                                       CASE(test_cancelled),
                                       CASE(test_type_that_is_too_large),
                                       CASE(test_regions),
                                       CASE(test_forget),
                                       CASE(test_without_roles)};
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
