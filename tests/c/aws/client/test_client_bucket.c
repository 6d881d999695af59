/* The ways in which S3 says that a bucket is in another region, and how a call finds it there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aws/operations/opset.h"
#include "base/mem.h"
#include "support/fake_aws.h"

#define ERROR(code, more) "<Error><Code>" code "</Code><Message>no</Message>" more "</Error>"
#define OPT_IN ERROR("IllegalLocationConstraintException", "")
#define MALFORMED ERROR("AuthorizationHeaderMalformed", "")
#define STATUS "<PolicyStatus><IsPublic>true</IsPublic></PolicyStatus>"

/* S3's response in us-east-1, where the bucket is not. */
static struct fake_answer wrong, wrong_head;
static const char *home;
static struct session session;
static struct opset *allowed;
static int reported;
static struct err got_err;

static bool is_at(const struct fake_request *request, const char *region)
{
    return strstr(request->url, region) != NULL;
}

static struct fake_answer answer(const struct fake_request *request, size_t index)
{
    (void)index;
    bool head = strcmp(request->method, "HEAD") == 0;
    bool here = strcmp(home, "us-east-1") != 0 && is_at(request, home);
    struct fake_answer given = head ? wrong_head : wrong;
    if (here)
        given = (struct fake_answer){.status = 200, .body = (char *)(head ? "" : STATUS)};
    given.body = mem_strdup(given.body);
    return given;
}

static int set_up(void **state)
{
    fake_aws_set_up(state);
    fake_aws.answer = answer;
    home = "eu-south-2";
    wrong = (struct fake_answer){.status = 400, .body = (char *)OPT_IN};
    wrong_head = (struct fake_answer){.status = 400, .body = (char *)""};
    reported = 0;
    got_err = (struct err){0};
    allowed = opset_new();
    opset_add(allowed, "s3", "GetBucketPolicyStatus");
    opset_add(allowed, "s3", "PutBucketTagging");
    session = (struct session){
        .account = "111122223333", .provider = fake_aws.provider, .allowed = allowed};
    return 0;
}

static int tear_down(void **state)
{
    opset_free(allowed);
    return fake_aws_tear_down(state);
}

static void done(void *arg, json_t *result, const struct err *err)
{
    (void)arg, (void)result;
    reported++;
    got_err = err != NULL ? *err : (struct err){0};
}

static struct client_call *start(const char *operation)
{
    struct err err = {0};
    json_t *params = strcmp(operation, "PutBucketTagging") == 0
                         ? json_pack("{s:s, s:{s:[]}}", "Bucket", "box", "Tagging", "TagSet")
                         : json_pack("{s:s}", "Bucket", "box");
    struct call call = {.session = &session,
                        .region = "us-east-1",
                        .service = "s3",
                        .operation = operation,
                        .params = params};
    struct client_call *started = client_start(fake_aws.client, &call, &err, done, NULL);
    json_decref(params);
    assert_non_null(started);
    return started;
}

static void ask(const char *operation)
{
    reported = 0;
    start(operation);
    fake_aws_run();
    assert_int_equal(reported, 1);
}

static void assert_sent(const char *const *requests)
{
    size_t count = 0;
    for (; requests[count] != NULL; count++) {
        const char *region = strchr(requests[count], ' ') + 1;
        assert_true(count < fake_aws.count);
        const struct fake_request *request = &fake_aws.requests[count];
        assert_memory_equal(request->method, requests[count], strlen(request->method));
        assert_true(is_at(request, region));
    }
    assert_int_equal(fake_aws.count, count);
}

#define SENT(...) assert_sent((const char *const[]){__VA_ARGS__, NULL})

/* HeadBucket names the region even if it is refused. */
static void calls_head_bucket_if_the_error_names_no_region(void **state)
{
    (void)state;
    wrong_head.bucket_region = home;
    const int statuses[] = {301, 400, 403};
    const char *const bodies[] = {OPT_IN, MALFORMED, ERROR("PermanentRedirect", "")};
    for (size_t i = 0; i < 3; i++) {
        wrong.status = i == 2 ? 301 : 400;
        wrong.body = (char *)bodies[i];
        wrong_head.status = statuses[i];
        ask("GetBucketPolicyStatus");
        assert_int_equal(got_err.kind, ERR_NONE);
        SENT("GET us-east-1", "HEAD us-east-1", "HEAD eu-south-2", "GET eu-south-2");
        void *again = NULL;
        tear_down(&again);
        set_up(&again);
        wrong_head.bucket_region = home;
    }
}

/* The policy declares none of it: the permit of a change does not allow more reads. */
static void repeats_a_change_in_the_right_region(void **state)
{
    (void)state;
    session.permit = PERMIT_CHANGE;
    wrong_head.bucket_region = home;
    ask("PutBucketTagging");
    assert_int_equal(got_err.kind, ERR_NONE);
    SENT("PUT us-east-1", "HEAD us-east-1", "HEAD eu-south-2", "PUT eu-south-2");
    struct client_stats stats;
    client_stats(fake_aws.client, &stats);
    assert_int_equal(stats.changes, 2);
}

static void remembers_where_it_is(void **state)
{
    (void)state;
    wrong_head.bucket_region = home;
    ask("GetBucketPolicyStatus");
    ask("GetBucketPolicyStatus");
    assert_int_equal(fake_aws.count, 5);
    assert_true(is_at(&fake_aws.requests[4], home));
}

/* A response that names the region needs no further call. */
static void follows_a_region_that_is_named(void **state)
{
    (void)state;
    wrong.body = (char *)ERROR("AuthorizationHeaderMalformed", "<Region>eu-south-2</Region>");
    ask("GetBucketPolicyStatus");
    assert_int_equal(got_err.kind, ERR_NONE);
    SENT("GET us-east-1", "GET eu-south-2");
}

static void keeps_the_first_error_if_no_region_is_found(void **state)
{
    (void)state;
    ask("GetBucketPolicyStatus");
    assert_string_equal(got_err.code, "IllegalLocationConstraintException");
    assert_string_equal(got_err.operation, "s3:GetBucketPolicyStatus");
    SENT("GET us-east-1", "HEAD us-east-1");
}

/* A bucket that is where it was requested, or whose redirects form a circle, ends with the error.
 * */
static void does_not_follow_a_circle(void **state)
{
    (void)state;
    home = "us-east-1";
    wrong_head.bucket_region = "us-east-1";
    ask("GetBucketPolicyStatus");
    assert_string_equal(got_err.code, "IllegalLocationConstraintException");
    SENT("GET us-east-1", "HEAD us-east-1");
    wrong_head.bucket_region = "eu-south-2";
    ask("GetBucketPolicyStatus");
    assert_string_equal(got_err.code, "IllegalLocationConstraintException");
}

static void makes_no_call_after_another_error(void **state)
{
    (void)state;
    wrong = (struct fake_answer){.status = 403, .body = (char *)ERROR("AccessDenied", "")};
    ask("GetBucketPolicyStatus");
    assert_string_equal(got_err.code, "AccessDenied");
    SENT("GET us-east-1");
}

static void can_be_cancelled_during_head_bucket(void **state)
{
    (void)state;
    struct client_call *call = start("GetBucketPolicyStatus");
    while (fake_aws.count < 2)
        loop_turn(fake_aws.loop, -1);
    client_cancel(fake_aws.client, call);
    fake_aws_run();
    assert_int_equal(reported, 0);
    assert_int_equal(fake_aws.count, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(calls_head_bucket_if_the_error_names_no_region),
        TEST(repeats_a_change_in_the_right_region),
        TEST(remembers_where_it_is),
        TEST(follows_a_region_that_is_named),
        TEST(keeps_the_first_error_if_no_region_is_found),
        TEST(does_not_follow_a_circle),
        TEST(makes_no_call_after_another_error),
        TEST(can_be_cancelled_during_head_bucket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
