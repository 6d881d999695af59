/* Objects in S3, with the real client and a service of the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "notify/message_object.h"
#include "support/fake_aws.h"
#include "value/json.h"

#define LARGE (9u << 20) /* more than a request that is built in memory may have */
#define REFUSAL(code) "<Error><Code>" code "</Code><Message>no</Message></Error>"

#define CALLER                                                                                     \
    "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"              \
    "<GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/me</Arn>"                        \
    "<Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"

static struct settings settings;
static struct message *message;
static struct s3_url url;
static int ended;
static struct err failure;
static char *got;

static struct fake_answer accept(const struct fake_request *request, size_t index)
{
    (void)request, (void)index;
    return fake_reply(200, "");
}

static int set_up(void **state)
{
    static char home[] = "us-east-1";
    fake_aws_set_up(state);
    fake_aws.answer = accept;
    settings = (struct settings){.master_region = home};
    message = message_new(fake_aws.client, fake_aws.provider, &settings);
    assert_int_equal(s3_url_parse("s3://plans/a b/c", &url, &failure), 0);
    ended = 0;
    got = NULL;
    err_clear(&failure);
    return 0;
}

static int tear_down(void **state)
{
    message_free(message);
    mem_free(got);
    return fake_aws_tear_down(state);
}

static void on_done(void *arg, const struct err *err)
{
    (void)arg;
    ended++;
    failure = err != NULL ? *err : (struct err){0};
}

static void on_got(void *arg, json_t *result, const struct err *err)
{
    on_done(arg, err);
    got = mem_strdup(json_get_string(result, "Body", ""));
}

static struct message_object new_object(const char *bytes)
{
    return (struct message_object){.url = url,
                                   .bytes = bytes,
                                   .length = strlen(bytes),
                                   .type = "text/plain",
                                   .only_new = true};
}

static void put(const struct message_object *object)
{
    int before = ended;
    message_object_put(message, object, on_done, NULL);
    assert_int_equal(ended, before);
    fake_aws_run();
    assert_int_equal(ended, before + 1);
}

static void test_put(void **state)
{
    (void)state;
    const struct message_object object = new_object("content");
    put(&object);
    assert_int_equal(failure.kind, ERR_NONE);
    assert_string_equal(fake_aws.requests[0].method, "PUT");
    assert_string_equal(fake_aws.requests[0].url,
                        "https://plans.s3.us-east-1.amazonaws.com/a%20b/c");
    assert_string_equal(fake_aws.requests[0].body, "content");
}

static struct fake_answer name_caller(const struct fake_request *request, size_t index)
{
    (void)index;
    return fake_reply(200, strstr(request->url, "sts") != NULL ? CALLER : "");
}

static void on_caller(void *arg, const char *account, const char *arn, const struct err *err)
{
    (void)arg, (void)arn, (void)err;
    assert_string_equal(account, "111122223333");
}

/* A bucket that somebody else created under the same name gets nothing. */
static void test_own_bucket(void **state)
{
    (void)state;
    struct message_object object = new_object("content");
    fake_aws.answer = name_caller;
    message_whoami(message, "us-east-1", on_caller, NULL);
    fake_aws_run();
    put(&object);
    assert_string_equal(fake_header(1, "x-amz-expected-bucket-owner"), "");
    object.own = true;
    put(&object);
    assert_string_equal(fake_header(2, "x-amz-expected-bucket-owner"), "111122223333");
    assert_string_equal(fake_header(2, "if-none-match"), "*");
}

/* Only the version that was read is replaced, in a bucket of the account that was named. */
static void test_version(void **state)
{
    (void)state;
    char version[MESSAGE_OBJECT_VERSION] = "before";
    static char owner[] = "444455556666";
    struct message_object object = new_object("content");
    object.only_new = false;
    object.match = "\"v1\"";
    object.version = version;
    settings.bucket_owner = owner;
    put(&object);
    assert_string_equal(fake_header(0, "if-match"), "\"v1\"");
    assert_string_equal(fake_header(0, "if-none-match"), "");
    assert_string_equal(fake_header(0, "x-amz-expected-bucket-owner"), owner);
    assert_string_equal(version, ""); /* the response names none */
    message_object_get(message, &url, on_got, NULL);
    fake_aws_run();
    assert_string_equal(fake_header(1, "x-amz-expected-bucket-owner"), owner);
    settings.bucket_owner = NULL;
}

static void test_large(void **state)
{
    (void)state;
    char *bytes = mem_alloc(LARGE + 1);
    memset(bytes, 'x', LARGE);
    const struct message_object object = new_object(bytes);
    put(&object);
    assert_int_equal(failure.kind, ERR_NONE);
    assert_int_equal(strlen(fake_aws.requests[0].body), LARGE);
    mem_free(bytes);
}

static struct fake_answer first_fails(const struct fake_request *request, size_t index)
{
    (void)request;
    return index == 0 ? fake_reply(503, REFUSAL("InternalError")) : fake_reply(200, "");
}

static struct fake_answer first_is_lost(const struct fake_request *request, size_t index)
{
    (void)request;
    if (index > 0)
        return fake_reply(412, REFUSAL("PreconditionFailed"));
    return (struct fake_answer){.failure = ERR_NET, .status = 1};
}

static void test_repeated(void **state)
{
    (void)state;
    const struct message_object object = new_object("content");
    fake_aws.answer = first_fails;
    put(&object);
    assert_int_equal(failure.kind, ERR_NONE);
    assert_int_equal(fake_aws.count, 2);
    assert_string_equal(fake_aws.requests[1].body, "content");
}

static void test_lost_reply(void **state)
{
    (void)state;
    const struct message_object object = new_object("content");
    fake_aws.answer = first_is_lost;
    put(&object);
    assert_int_equal(fake_aws.count, 2);
    assert_true(message_object_exists(&failure));
}

static struct fake_answer refuse(const struct fake_request *request, size_t index)
{
    (void)index;
    if (strcmp(request->method, "PUT") == 0)
        return fake_reply(409, REFUSAL("ConditionalRequestConflict"));
    return fake_reply(404, REFUSAL("NoSuchKey"));
}

static void test_refusals_are_told_apart(void **state)
{
    (void)state;
    const struct message_object object = new_object("content");
    fake_aws.answer = refuse;
    put(&object);
    assert_int_equal(fake_aws.count, 3);
    assert_true(message_object_contended(&failure));
    assert_false(message_object_exists(&failure));
    assert_false(message_object_missing(&failure));
    assert_non_null(strstr(failure.message, "s3://plans/a b/c cannot be written"));
    message_object_get(message, &url, on_got, NULL);
    fake_aws_run();
    assert_true(message_object_missing(&failure));
    assert_false(message_object_contended(&failure));
    assert_false(message_object_exists(NULL));
}

static struct fake_answer give(const struct fake_request *request, size_t index)
{
    (void)index;
    return fake_reply(strcmp(request->method, "GET") == 0 ? 200 : 204, "a\nb");
}

static void test_get_and_delete(void **state)
{
    (void)state;
    fake_aws.answer = give;
    message_object_get(message, &url, on_got, NULL);
    fake_aws_run();
    assert_string_equal(got, "a\nb");
    message_object_delete(message, &url, on_done, NULL);
    fake_aws_run();
    assert_int_equal(ended, 2);
    assert_int_equal(failure.kind, ERR_NONE);
    assert_string_equal(fake_aws.requests[1].method, "DELETE");
}

static void test_freed_while_in_progress(void **state)
{
    (void)state;
    const struct message_object object = new_object("content");
    message_object_put(message, &object, on_done, NULL);
    message_object_get(message, &url, on_got, NULL);
    message_free(message);
    message = message_new(fake_aws.client, fake_aws.provider, &settings);
    fake_aws_run();
    assert_int_equal(ended, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        TEST(test_put),
        TEST(test_own_bucket),
        TEST(test_version),
        TEST(test_large),
        TEST(test_repeated),
        TEST(test_lost_reply),
        TEST(test_refusals_are_told_apart),
        TEST(test_get_and_delete),
        TEST(test_freed_while_in_progress),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
