/* What the Lambda handlers share: batches of a queue and their answers, and how much time is
 * reserved. test_lambda_units and test_lambda_spread test the poller; tests/e2e/test_lambda*.py
 * test the others by running them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/lambda/lambda_batch.h"
#include "app/lambda/lambda_invoke.h"
#include "base/mem.h"
#include "value/json.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

static void test_reserves(void **state)
{
    static const struct {
        int64_t left, stop, cut;
    } cases[] = {
        {900000, 15000, 2000}, {60000, 15000, 2000}, {20000, 5000, 2000},
        {3000, 750, 300},      {1000, 250, 100},     {0, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t stop = -1, cut = -1;
        lambda_reserves(cases[i].left, &stop, &cut);
        assert_int_equal(stop, cases[i].stop);
        assert_int_equal(cut, cases[i].cut);
    }
}

static int read_text(const char *text, json_t **event, struct batch *batch, struct err *err)
{
    *event = json_loads(text, 0, NULL);
    assert_non_null(*event);
    return batch_read(*event, batch, err);
}

static void test_batch(void **state)
{
    json_t *event;
    struct batch batch;
    struct err err = {0};
    (void)state;
    assert_int_equal(read_text("{\"Records\":[{\"messageId\":\"a\",\"body\":\"x\"},"
                               "{\"messageId\":\"b\",\"body\":\"yy\",\"eventSource\":\"aws:sqs\"},"
                               "{\"messageId\":\"c\\\"\\n\",\"body\":7}]}",
                               &event, &batch, &err),
                     0);
    assert_true(batch_is(event));
    assert_int_equal(batch.count, 3);
    assert_string_equal(batch.items[1].body, "yy");
    assert_int_equal(batch.items[1].length, 2);
    assert_int_equal(batch.items[2].length, 0);
    batch.items[1].done = true;
    json_t *reply = batch_reply(&batch);
    char *text = json_text(reply);
    assert_string_equal(text, "{\"batchItemFailures\":[{\"itemIdentifier\":\"a\"},"
                              "{\"itemIdentifier\":\"c\\\"\\n\"}]}");
    mem_free(text);
    json_decref(reply);
    batch_clear(&batch);
    json_decref(event);
}

/* Not while the invocation may still be working on it; later each time it comes again. */
static void test_batch_later(void **state)
{
    static const char later[] = "[{\"Id\":\"0\",\"ReceiptHandle\":\"r\",\"VisibilityTimeout\":36},"
                                "{\"Id\":\"2\",\"ReceiptHandle\":\"t\",\"VisibilityTimeout\":126},"
                                "{\"Id\":\"3\",\"ReceiptHandle\":\"u\",\"VisibilityTimeout\":966}]";
    json_t *event;
    struct batch batch;
    struct err err = {0};
    (void)state;
    assert_int_equal(
        read_text("{\"Records\":[{\"messageId\":\"a\",\"receiptHandle\":\"r\",\"body\":\"x\","
                  "\"eventSourceARN\":\"arn:aws:sqs:us-east-1:123456789012:work\"},"
                  "{\"messageId\":\"b\",\"receiptHandle\":\"s\",\"body\":\"x\"},"
                  "{\"messageId\":\"c\",\"receiptHandle\":\"t\",\"body\":\"x\","
                  "\"attributes\":{\"ApproximateReceiveCount\":\"3\"}},"
                  "{\"messageId\":\"d\",\"receiptHandle\":\"u\",\"body\":\"x\","
                  "\"attributes\":{\"ApproximateReceiveCount\":\"999999999\"}},"
                  "{\"messageId\":\"e\",\"body\":\"x\"}]}",
                  &event, &batch, &err),
        0);
    assert_string_equal(batch.queue, "arn:aws:sqs:us-east-1:123456789012:work");
    batch.items[1].done = true;
    json_t *entries = batch_later(&batch, 5001);
    char *text = json_text(entries);
    assert_string_equal(text, later);
    mem_free(text);
    json_decref(entries);
    batch_clear(&batch);
    json_decref(event);
}

static void test_batch_without_messages(void **state)
{
    json_t *event;
    struct batch batch;
    struct err err = {0};
    (void)state;
    assert_int_equal(read_text("{\"Records\":[]}", &event, &batch, &err), 0);
    json_t *reply = batch_reply(&batch);
    assert_int_equal(json_array_size(json_object_get(reply, "batchItemFailures")), 0);
    json_decref(reply);
    batch_clear(&batch);
    json_decref(event);
}

/* With a missing or empty id, Lambda would repeat the whole batch without an error. */
static void test_what_is_not_a_batch_is_refused(void **state)
{
    static const char *const texts[] = {
        "{}",
        "[]",
        "{\"Records\":{}}",
        "{\"Records\":[7]}",
        "{\"Records\":[{\"body\":\"x\"}]}",
        "{\"Records\":[{\"messageId\":\"\",\"body\":\"x\"}]}",
        "{\"Records\":[{\"messageId\":\"a\"},{\"messageId\":7}]}",
        "{\"Records\":[{\"messageId\":\"a\",\"eventSource\":\"aws:kinesis\"}]}",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        json_t *event;
        struct batch batch;
        struct err err = {0};
        assert_int_equal(read_text(texts[i], &event, &batch, &err), -1);
        assert_int_equal(err.kind, ERR_PARSE);
        assert_null(batch.items);
        json_decref(event);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reserves),
        cmocka_unit_test(test_batch),
        cmocka_unit_test(test_batch_later),
        cmocka_unit_test(test_batch_without_messages),
        cmocka_unit_test(test_what_is_not_a_batch_is_refused),
    };
    mem_install();
    return cmocka_run_group_tests_name("lambda", tests, NULL, NULL);
}
