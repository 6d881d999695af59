/* engine/aws/client/client_spare.c: a call in memory that is used again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "aws/client/client.h"
#include "aws/operations/opset.h"
#include "support/fake_aws.h"
#include "value/json.h"

static struct session session;
static struct err got_err;
static int reported, status;
static const char *body;

static struct fake_answer answer(const struct fake_request *request, size_t index)
{
    (void)request, (void)index;
    return fake_reply(status, body);
}

static void done(void *arg, json_t *result, const struct err *err)
{
    (void)arg, (void)result;
    reported++;
    got_err = err != NULL ? *err : (struct err){0};
}

static struct client_call *start(const char *operation, bool once, const char *params)
{
    struct err err = {0};
    json_t *given = json_parse(params, strlen(params), &err);
    struct call call = {.session = &session,
                        .region = "eu-west-1",
                        .service = "sqs",
                        .operation = operation,
                        .params = given,
                        .once = once};
    struct client_call *started = client_start(fake_aws.client, &call, &err, done, NULL);
    json_decref(given);
    assert_non_null(started);
    return started;
}

/* The memory of a call serves the next one: nothing of a failed change may be in it. */
static void a_call_begins_without_anything_of_the_last_one(void **state)
{
    (void)state;
    struct opset *allowed = opset_new();
    opset_add(allowed, "sqs", "ListQueues");
    opset_add(allowed, "sqs", "SetQueueAttributes");
    session = (struct session){.account = "111122223333",
                               .provider = fake_aws.provider,
                               .permit = PERMIT_CHANGE,
                               .allowed = allowed};
    fake_aws.answer = answer;
    status = 400;
    body = "{\"__type\":\"com.amazonaws.sqs#InvalidAttributeName\",\"message\":\"no\"}";
    struct client_call *first =
        start("SetQueueAttributes", true,
              "{\"QueueUrl\":\"https://sqs.eu-west-1.amazonaws.com/1/q\",\"Attributes\":{}}");
    fake_aws_run();
    assert_int_equal(reported, 1);
    assert_string_equal(got_err.code, "InvalidAttributeName");

    reported = 0;
    body = "{}";
    status = 503;
    size_t before = fake_aws.count;
    struct client_call *second = start("ListQueues", false, "{\"MaxResults\":7}");
    assert_ptr_equal(second, first);
    fake_aws_run();
    assert_true(fake_aws.count - before > 1); /* a read is repeated */
    assert_string_equal(fake_aws.requests[before].body, "{\"MaxResults\":7}");
    assert_string_equal(fake_aws.requests[before].target, "AmazonSQS.ListQueues");
    assert_int_equal(reported, 1);
    assert_string_not_equal(got_err.code, "InvalidAttributeName");
    assert_string_equal(got_err.operation, "sqs:ListQueues");
    opset_free(allowed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_call_begins_without_anything_of_the_last_one,
                                        fake_aws_set_up, fake_aws_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
