/* PLANS: each resource that could be repaired gets a plan in S3, and then its notification. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "audit/run_plans.h"
#include "base/log.h"
#include "base/mem.h"
#include "support/run_world.h"
#include "value/json.h"

#define PUBLISHED                                                                                  \
    "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>"          \
    "<MessageId>m-1</MessageId></PublishResult></PublishResponse>"
#define BAD RUN_WORLD_BAD("sqs.public", "e") "," RUN_WORLD_BAD("sqs.shared", "e")
#define FOLDER "/engine/111122223333/us-east-1/sqs/"

static int status; /* of the answers of S3 */
static char text[200];

static struct fake_answer answer(const struct fake_request *request, size_t index)
{
    (void)index;
    if (strstr(request->url, "sns.") != NULL)
        return fake_reply(200, PUBLISHED);
    snprintf(text, sizeof text, "<Error><Code>%s</Code><Message>m</Message></Error>",
             status == 412 ? "PreconditionFailed" : "AccessDenied");
    return fake_reply(status, status == 200 ? "" : text);
}

static void be_quiet(enum log_level level, const char *line)
{
    (void)level, (void)line;
}

static int set_up(void **state)
{
    static char topic[] = "arn:aws:sns:us-east-1:111122223333:findings";
    static char home[] = "us-east-1";
    static char plans[] = "s3://acme-plans/engine";
    log_set_sink(be_quiet);
    run_world_set_up(state);
    run_world.settings.notification_topic = topic;
    run_world.settings.plans = plans;
    run_world.settings.master_region = home;
    fake_aws.answer = answer;
    status = 200;
    return 0;
}

static int tear_down(void **state)
{
    log_set_sink(NULL);
    return run_world_tear_down(state);
}

static void plan(const char *outcome)
{
    run_world_answer(outcome);
    run_world_run(RUN_PLAN, "");
}

static const struct fake_request *request(size_t index)
{
    assert_true(index < fake_aws.count);
    return &fake_aws.requests[index];
}

static void test_written_and_then_notified(void **state)
{
    (void)state;
    plan(RUN_WORLD_OK("d1", BAD));
    assert_int_equal(fake_aws.count, 3);
    assert_string_equal(request(0)->method, "PUT");
    assert_non_null(strstr(request(0)->url, "acme-plans.s3.us-east-1.amazonaws.com" FOLDER));
    const char *name = run_world_says("sqs.public", "plan");
    assert_non_null(strstr(name, "s3://acme-plans" FOLDER));
    assert_string_equal(run_world_says("sqs.shared", "plan"), name);
    char *end = strchr(request(0)->body, '\n');
    json_t *first = json_loadb(request(0)->body, (size_t)(end - request(0)->body), 0, NULL);
    assert_string_equal(json_get_string(first, "check", ""), "sqs.public");
    assert_int_equal(json_array_size(json_object_get(first, "steps")), 1);
    json_decref(first);
    assert_string_equal(strchr(end + 1, '\n'), "\n");
    char *command = mem_printf("Call: sqs:SetQueueAttributes\nPlan: %s\nTo make its calls: engine "
                               "apply %s\n",
                               name, name);
    assert_non_null(strstr(fake_form(request(1), "Message"), command));
    mem_free(command);
    assert_non_null(strstr(fake_form(request(1), "Subject"), "[planned]"));
}

static char *name_of(const char *outcome)
{
    plan(outcome);
    return mem_strdup(run_world_says("sqs.public", "plan"));
}

/* The name follows from the calls, not from what an audit saw. */
static void test_name(void **state)
{
    (void)state;
    char *first = name_of(RUN_WORLD_OK("d1", RUN_WORLD_BAD("sqs.public", "e")));
    json_array_clear(run_world.outcomes);
    char *second = name_of(RUN_WORLD_OK("d2", RUN_WORLD_BAD("sqs.public", "f")));
    json_array_clear(run_world.outcomes);
    char *other = name_of(RUN_WORLD_OK("d1", BAD));
    assert_string_equal(first, second);
    assert_string_not_equal(first, other);
    mem_free(first);
    mem_free(second);
    mem_free(other);
}

static void test_there_already(void **state)
{
    (void)state;
    status = 412;
    plan(RUN_WORLD_OK("d1", BAD));
    assert_int_equal(fake_aws.count, 3);
    assert_int_equal(run_world.status, 2);
}

/* Without its plan, nothing is notified, and the line comes again. */
static void test_refused(void **state)
{
    (void)state;
    status = 403;
    plan(RUN_WORLD_OK("d1", BAD));
    assert_int_equal(fake_aws.count, 1);
    assert_int_equal(run_world.status, 1);
}

static void test_nothing_to_plan(void **state)
{
    (void)state;
    plan(RUN_WORLD_OK("d1", RUN_WORLD_GOOD("sqs.public") "," RUN_WORLD_GOOD("sqs.shared")));
    assert_int_equal(fake_aws.count, 0);
}

static void test_setting(void **state)
{
    (void)state;
    static const char *const wrong[] = {"plans", "s3://Plans", "s3://plans/a b", "s3://plans/$(x)"};
    struct settings settings = {0};
    struct err err = {0};
    assert_int_equal(run_plans_check(&settings, &err), 0);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        settings.plans = mem_strdup(wrong[i]);
        assert_int_equal(run_plans_check(&settings, &err), -1);
        assert_int_equal(err.kind, ERR_USAGE);
        assert_non_null(strstr(err.message, "PLANS"));
        mem_free(settings.plans);
    }
    settings.plans = (char[]){"s3://plans/a/b_c.d=e+f-g/"};
    assert_int_equal(run_plans_check(&settings, &err), 0);
    settings.remediate = true;
    assert_int_equal(run_plans_check(&settings, &err), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        TEST(test_written_and_then_notified),
        TEST(test_name),
        TEST(test_there_already),
        TEST(test_refused),
        TEST(test_nothing_to_plan),
        TEST(test_setting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
