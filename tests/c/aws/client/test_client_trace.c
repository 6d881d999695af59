/* The trace header: sent, not signed, and never to SQS, which would make it the trace header of a
 * message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "aws/client/client.h"
#include "aws/operations/opset.h"
#include "base/mem.h"
#include "support/fake_aws.h"
#include "value/json.h"

#define TRACE "Root=1-5;Sampled=1"

static const char *body;

static struct fake_answer answer(const struct fake_request *request, size_t index)
{
    (void)request, (void)index;
    return fake_reply(200, body);
}

static void done(void *arg, json_t *result, const struct err *err)
{
    (void)result;
    *(bool *)arg = err == NULL;
}

static void make_call(const char *service, const char *operation)
{
    struct err err = {0};
    bool succeeded = false;
    struct opset *allowed = opset_new();
    const struct session session = {
        .account = "", .provider = fake_aws.provider, .allowed = allowed};
    const struct call call = {
        .session = &session, .region = "eu-west-1", .service = service, .operation = operation};
    opset_add(allowed, service, operation);
    assert_non_null(client_start(fake_aws.client, &call, &err, done, &succeeded));
    fake_aws_run();
    assert_true(succeeded);
    opset_free(allowed);
}

static const char *header(size_t request, const char *name)
{
    return json_get_string(fake_aws.requests[request].headers, name, "");
}

static void sends_the_trace_except_to_queues(void **state)
{
    (void)state;
    fake_aws.answer = answer;
    client_set_trace(fake_aws.client, TRACE);
    body = "<ListUsersResponse><ListUsersResult/></ListUsersResponse>";
    make_call("iam", "ListUsers");
    client_set_trace(fake_aws.client, NULL);
    make_call("iam", "ListUsers");
    client_set_trace(fake_aws.client, TRACE);
    body = "{}";
    make_call("sqs", "ListQueues");
    assert_int_equal(fake_aws.count, 3);
    assert_string_equal(header(0, "x-amzn-trace-id"), TRACE);
    assert_non_null(strstr(header(0, "authorization"), "SignedHeaders="));
    assert_null(strstr(header(0, "authorization"), "trace"));
    assert_string_equal(header(1, "x-amzn-trace-id"), "");
    assert_string_equal(header(2, "x-amzn-trace-id"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sends_the_trace_except_to_queues, fake_aws_set_up,
                                        fake_aws_tear_down),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
