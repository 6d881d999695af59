/* Calls: what a session may sign, what is repeated, and pages that must not pass for a whole list.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aws/client/client.h"
#include "aws/operations/opset.h"
#include "base/mem.h"
#include "support/fake_aws.h"
#include "value/json.h"

#define QUEUE "{\"QueueUrl\":\"https://sqs.eu-west-1.amazonaws.com/1/q\"}"
#define QUEUE_CHANGE "{\"QueueUrl\":\"https://sqs.eu-west-1.amazonaws.com/1/q\",\"Attributes\":{}}"

static struct session session;
static struct opset *allowed;
static json_t *got;
static struct err got_err;
static int reported;
static const char *body;
static int status;
static bool once;

static struct fake_answer answer(const struct fake_request *request, size_t index)
{
    (void)request, (void)index;
    return fake_reply(status, body);
}

static struct fake_answer dead_line(const struct fake_request *request, size_t index)
{
    (void)request, (void)index;
    return (struct fake_answer){.failure = ERR_NET};
}

static int set_up(void **state)
{
    fake_aws_set_up(state);
    fake_aws.answer = answer;
    status = 200;
    body = "{}";
    reported = 0;
    once = false;
    got_err = (struct err){0};
    allowed = opset_new();
    opset_add(allowed, "sqs", "ListQueues");
    opset_add(allowed, "sqs", "SetQueueAttributes");
    opset_add(allowed, "s3", "GetObject");
    opset_add(allowed, "iam", "ListUsers");
    session = (struct session){
        .account = "111122223333", .provider = fake_aws.provider, .allowed = allowed};
    return 0;
}

static int tear_down(void **state)
{
    json_decref(got);
    got = NULL;
    opset_free(allowed);
    return fake_aws_tear_down(state);
}

static void done(void *arg, json_t *result, const struct err *err)
{
    (void)arg;
    reported++;
    json_decref(got);
    got = json_incref(result);
    got_err = err != NULL ? *err : (struct err){0};
}

static struct client_call *start(const char *service, const char *operation, const char *params)
{
    struct err ignored = {0};
    json_t *given = params != NULL ? json_parse(params, strlen(params), &ignored) : NULL;
    struct call call = {.session = &session,
                        .region = "eu-west-1",
                        .service = service,
                        .operation = operation,
                        .params = given,
                        .once = once};
    struct client_call *started = client_start(fake_aws.client, &call, &got_err, done, NULL);
    json_decref(given);
    assert_int_equal(reported, 0);
    return started;
}

static void assert_refused(enum permit permit, const char *service, const char *operation)
{
    session.permit = permit;
    got_err = (struct err){0};
    assert_null(start(service, operation, NULL));
    assert_int_equal(got_err.kind, ERR_DENIED);
    assert_non_null(strstr(got_err.message, "is not signed"));
    assert_int_equal(fake_aws.count, 0);
}

static void signs_only_what_the_permit_says(void **state)
{
    (void)state;
    assert_refused(PERMIT_READ, "sqs", "SetQueueAttributes");
    assert_refused(PERMIT_READ, "sqs", "GetQueueAttributes");
    assert_refused(PERMIT_READ, "s3", "GetObject");
    assert_refused(PERMIT_CHANGE, "s3", "GetObject");
    assert_refused(PERMIT_CHANGE, "sqs", "DeleteQueue");
    assert_refused(PERMIT_MESSAGE, "sqs", "SetQueueAttributes");
    assert_refused(PERMIT_MESSAGE, "sqs", "DeleteQueue");
    assert_refused(PERMIT_MESSAGE, "sts", "AssumeRole");
    assert_refused((enum permit)77, "sqs", "ListQueues");
}

/* An operation without a review is a read only if the policy says so; a declaration cannot make a
 * known write a read. */
static void signs_no_unreviewed_read_that_is_not_declared(void **state)
{
    (void)state;
    struct opset *declared = opset_new();
    opset_add(allowed, "inspector2", "ListFindings");
    opset_add(allowed, "sqs", "PurgeQueue");
    assert_refused(PERMIT_READ, "inspector2", "ListFindings");
    assert_non_null(strstr(got_err.message, "not a reviewed read"));
    session.reviewed = declared;
    assert_refused(PERMIT_READ, "inspector2", "ListFindings");
    opset_add(declared, "inspector2", "ListFindings");
    opset_add(declared, "sqs", "PurgeQueue");
    opset_add(declared, "s3", "GetObject");
    assert_refused(PERMIT_READ, "sqs", "PurgeQueue");
    assert_refused(PERMIT_READ, "s3", "GetObject");
    got_err = (struct err){0};
    assert_non_null(start("inspector2", "ListFindings", NULL));
    fake_aws_run();
    struct client_stats stats;
    client_stats(fake_aws.client, &stats);
    assert_int_equal(reported, 1);
    assert_int_equal(stats.changes, 0);
    session.reviewed = NULL;
    opset_free(declared);
}

/* The secret in a response, as the caller receives it. Valid until the next call. */
static const char *secret_seen(enum permit permit)
{
    session.permit = permit;
    reported = 0;
    body = "{\"Clusters\":[{\"PreCoPassword\":\"hush\"}]}";
    assert_non_null(start("cloudhsmv2", "DescribeClusters", NULL));
    fake_aws_run();
    assert_int_equal(reported, 1);
    return json_get_string(json_array_get(json_object_get(got, "Clusters"), 0), "PreCoPassword",
                           "");
}

static void redacts_only_for_policies(void **state)
{
    (void)state;
    struct opset *shown = opset_new();
    opset_add(allowed, "cloudhsmv2", "DescribeClusters");
    session.reviewed = allowed;
    assert_string_equal(secret_seen(PERMIT_READ), "REDACTED");
    assert_string_equal(secret_seen(PERMIT_CHANGE), "REDACTED");
    assert_string_equal(secret_seen(PERMIT_OPERATOR), "hush");
    opset_add(shown, "cloudhsmv2", "DescribeClusters.Clusters.PreCoPassword");
    session.sensitive = shown;
    assert_string_equal(secret_seen(PERMIT_READ), "hush");
    opset_free(shown);
}

static void signs_what_it_may(void **state)
{
    (void)state;
    session.permit = PERMIT_CHANGE;
    assert_non_null(start("sqs", "SetQueueAttributes", QUEUE_CHANGE));
    fake_aws_run();
    struct client_stats stats;
    client_stats(fake_aws.client, &stats);
    assert_int_equal(reported, 1);
    assert_int_equal(got_err.kind, ERR_NONE);
    assert_int_equal(stats.changes, 1);
}

static void repeats_no_change_that_may_have_been_made(void **state)
{
    (void)state;
    fake_aws.answer = dead_line;
    session.permit = PERMIT_OPERATOR;
    assert_non_null(start("sqs", "PurgeQueue", QUEUE));
    fake_aws_run();
    assert_int_equal(reported, 1);
    assert_int_equal(got_err.kind, ERR_NET);
    assert_string_equal(got_err.operation, "sqs:PurgeQueue");
    assert_int_equal(strncmp(got_err.message, "sqs:PurgeQueue: ", 16), 0);
}

static struct fake_answer lost_answer(const struct fake_request *request, size_t index)
{
    (void)request, (void)index;
    return (struct fake_answer){.status = 1, .failure = ERR_NET};
}

/* GuardDuty recognizes a repeated CreateDetector by its ClientToken; a call that only reads back
 * needs no second token. */
static void sends_once_what_must_be_sent_once(void **state)
{
    (void)state;
    session.permit = PERMIT_OPERATOR;
    fake_aws.answer = lost_answer;
    for (int i = 0; i < 2; i++) {
        once = i == 1;
        reported = 0;
        size_t before = fake_aws.count;
        assert_non_null(start("guardduty", "CreateDetector", "{\"Enable\":true}"));
        fake_aws_run();
        assert_int_equal(got_err.kind, ERR_NET);
        assert_int_equal(fake_aws.count - before, once ? 1 : 3);
    }
}

/* IAM actions do not always have the name of the operation: ListBuckets needs s3:ListAllMyBuckets
 * (Service Authorization Reference, Amazon S3). */
static void names_the_action_that_was_refused(void **state)
{
    (void)state;
    status = 403;
    body = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    opset_add_action(allowed, "s3", "ListBuckets", "s3:ListAllMyBuckets");
    assert_non_null(start("s3", "ListBuckets", NULL));
    fake_aws_run();
    assert_string_equal(got_err.code, "AccessDenied");
    assert_string_equal(got_err.message,
                        "Access Denied (allow the action s3:ListAllMyBuckets to the identity that "
                        "makes the call, in account 111122223333)");
}

/* The page of a server that is not AWS, a proxy for example: its status alone says little. */
static void names_the_operation_if_only_the_status_is_known(void **state)
{
    (void)state;
    status = 405;
    body = "<html><body>Not here</body></html>";
    assert_non_null(start("iam", "ListUsers", NULL));
    fake_aws_run();
    assert_string_equal(got_err.code, "405");
    assert_string_equal(got_err.message, "iam:ListUsers: Method Not Allowed (status 405)");
}

static void keeps_every_action_of_an_operation(void **state)
{
    (void)state;
    opset_add_action(allowed, "sqs", "ListQueues", "sqs:ListQueues");
    opset_add_action(allowed, "sqs", "ListQueues", "sqs:Other");
    opset_add_action(allowed, "iam", "ListUsers", "");
    assert_string_equal(opset_action(allowed, "sqs", "ListQueues"), "sqs:ListQueues and sqs:Other");
    assert_null(opset_action(allowed, "iam", "ListUsers"));
    assert_null(opset_action(allowed, "iam", "ListRoles"));
    assert_null(opset_action(NULL, "iam", "ListRoles"));
}

static void reports_nothing_after_cancelling(void **state)
{
    (void)state;
    struct client_call *call = start("sqs", "ListQueues", NULL);
    assert_non_null(call);
    client_cancel(fake_aws.client, call);
    fake_aws_run();
    assert_int_equal(reported, 0);
}

static void fails_if_a_response_is_cut_off(void **state)
{
    (void)state;
    static const char *const bodies[] = {"{\"QueueUrls\":[\"a", "[]", "<html/>",
                                         "{\"QueueUrls\":3}"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        body = bodies[i];
        reported = 0;
        assert_non_null(start("sqs", "ListQueues", NULL));
        fake_aws_run();
        assert_null(got);
        assert_int_equal(got_err.kind, ERR_PARSE);
    }
}

/* AWS itself must say that there is none; a change may have been made in spite of an error. */
static void does_not_take_an_empty_response_for_no_resources(void **state)
{
    (void)state;
    body = "";
    assert_non_null(start("sqs", "ListQueues", NULL));
    fake_aws_run();
    assert_null(got);
    assert_int_equal(got_err.kind, ERR_PARSE);
    assert_non_null(strstr(got_err.message, "empty"));
    reported = 0;
    session.permit = PERMIT_CHANGE;
    assert_non_null(start("sqs", "SetQueueAttributes", QUEUE_CHANGE));
    fake_aws_run();
    assert_int_equal(got_err.kind, ERR_NONE);
}

/* All pages: the number received, and how the listing ended. */
static int count_pages(const char *service, const char *operation)
{
    int pages = 0;
    struct err err = {0};
    const struct call first = {
        .session = &session, .region = "eu-west-1", .service = service, .operation = operation};
    struct client_pages *row = client_pages_new(fake_aws.client, &first, &err);
    assert_non_null(row);
    got_err = (struct err){0};
    while (client_pages_next(row, &err, done, NULL)) {
        pages++;
        fake_aws_run();
        if (got_err.kind != ERR_NONE)
            break;
    }
    if (got_err.kind == ERR_NONE)
        got_err = err;
    client_pages_free(row);
    return pages;
}

#define USERS(more)                                                                                \
    "<ListUsersResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><ListUsersResult>"     \
    "<Users/>" more "</ListUsersResult></ListUsersResponse>"

static void ends_where_the_list_does(void **state)
{
    (void)state;
    body = USERS("<IsTruncated>false</IsTruncated>");
    assert_int_equal(count_pages("iam", "ListUsers"), 1);
    assert_int_equal(got_err.kind, ERR_NONE);
}

static void does_not_take_a_part_for_the_whole_list(void **state)
{
    (void)state;
    body = USERS("<IsTruncated>true</IsTruncated>");
    assert_int_equal(count_pages("iam", "ListUsers"), 1);
    assert_int_equal(got_err.kind, ERR_PARSE);
    body = USERS("<IsTruncated>true</IsTruncated><Marker>m</Marker>");
    assert_int_equal(count_pages("iam", "ListUsers"), 2);
    assert_int_equal(got_err.kind, ERR_PARSE);
    assert_non_null(strstr(got_err.message, "no new token"));
}

static void ends_pages_with_the_failure_of_one(void **state)
{
    (void)state;
    status = 400;
    body = "{\"__type\":\"com.amazon#Refused\",\"message\":\"no\"}";
    assert_int_equal(count_pages("sqs", "ListQueues"), 1);
    assert_string_equal(got_err.code, "Refused");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(sends_once_what_must_be_sent_once),
        TEST(signs_only_what_the_permit_says),
        TEST(signs_no_unreviewed_read_that_is_not_declared),
        TEST(redacts_only_for_policies),
        TEST(signs_what_it_may),
        TEST(repeats_no_change_that_may_have_been_made),
        TEST(names_the_action_that_was_refused),
        TEST(names_the_operation_if_only_the_status_is_known),
        TEST(keeps_every_action_of_an_operation),
        TEST(reports_nothing_after_cancelling),
        TEST(fails_if_a_response_is_cut_off),
        TEST(does_not_take_an_empty_response_for_no_resources),
        TEST(ends_where_the_list_does),
        TEST(does_not_take_a_part_for_the_whole_list),
        TEST(ends_pages_with_the_failure_of_one),
    };
    mem_install();
    return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}
